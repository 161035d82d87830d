# INPUTS   results/{maps,data,models,reconstructions,scores}/{experiment}
# OUTPUTS  results/tables/mass*.csv, results/fits/{experiment}/, results/config.yaml


rule mass:
    input:
        expand("results/tables/mass{kind}.csv", kind=["", "_details", "_paired"]),
        expand(
            "results/figures/{figure}.{form}", figure=["fig06", "spectrum", "gain", "convergence"], form=["pdf", "png"]
        ),
        "results/fits/mass",
        "results/config.yaml",


rule written_config:
    output:
        "results/config.yaml",
    log:
        "results/logs/written_config.log",
    benchmark:
        "results/benchmarks/written_config.tsv"
    localrule: True
    conda:
        "../../envs/lofi.yaml"
    params:
        config=config,
    script:
        "../scripts/written_config.py"


rule mass_tables:
    input:
        score_files(config, "mass"),
    output:
        page=report(
            "results/tables/mass.html",
            caption="../report/mass_tables.rst",
            category="Dark-matter maps",
            labels={"shows": "scores of the maps: the tables"},
        ),
        summary=report(
            "results/tables/mass.csv",
            caption="../report/mass_table.rst",
            category="Dark-matter maps",
            labels={"shows": "scores of the maps"},
        ),
        details=report(
            "results/tables/mass_details.csv",
            caption="../report/mass_details.rst",
            category="Dark-matter maps",
            labels={"shows": "more scores of the maps"},
        ),
        paired=report(
            "results/tables/mass_paired.csv",
            caption="../report/mass_paired.rst",
            category="Dark-matter maps",
            labels={"shows": "against the Wiener filter, map by map"},
        ),
    log:
        "results/logs/mass_tables.log",
    benchmark:
        "results/benchmarks/mass_tables.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    script:
        "../scripts/tables/mass.py"


rule export:
    input:
        unpack(lambda wildcards: export_files(config, wildcards.experiment)),
    output:
        directory("results/fits/{experiment}"),
    log:
        "results/logs/export/{experiment}.log",
    benchmark:
        "results/benchmarks/export/{experiment}.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(20),
    params:
        export=lookup(dpath="experiments/{experiment}/export", within=config),
        code=fingerprint("lofi.lensing.products", "lofi.io.stack"),
    script:
        "../scripts/export.py"
