# INPUTS   results/inversions/{inversion}/*, results/{data,reconstructions}/{experiment}/ of denoising experiments
# OUTPUTS  results/inversions/{inversion}/{method}.{csv,trace.csv}, results/scores/{experiment}/{model}.csv, results/fits/{inversion}/,
#          results/tables/{radio*,denoisers}.csv


rule radio:
    input:
        expand("results/tables/{table}.csv", table=["radio", "radio_details", "radio_paired", "denoisers"]),
        expand("results/figures/{figure}.{form}", figure=["fig10", "radio_fine", "denoisers"], form=["pdf", "png"]),
        expand("results/fits/{inversion}", inversion=config["build"]["inversions"]),
        "results/config.yaml",


rule score_inversion:
    input:
        observation="results/inversions/{inversion}/observation.h5",
        images=lambda wildcards: inversion_files(config, [wildcards.inversion], [wildcards.method]),
        traces=lambda wildcards: inversion_files(config, [wildcards.inversion], [wildcards.method], "trace.csv"),
    output:
        scores="results/inversions/{inversion}/{method}.csv",
        trace="results/inversions/{inversion}/{method}.trace.csv",
    log:
        "results/logs/score_inversion/{inversion}.{method}.log",
    benchmark:
        "results/benchmarks/score_inversion/{inversion}.{method}.tsv"
    group:
        "scores"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(20),
    params:
        code=fingerprint("lofi.image_scores", "simulations.radio_observation"),
    script:
        "../scripts/score_inversion.py"


rule radio_tables:
    input:
        [
            f"results/inversions/{inversion}/{method}.csv"
            for inversion in config["build"]["inversions"]
            for method in config["inversions"][inversion]["methods"]
        ],
    output:
        page=report(
            "results/tables/radio.html",
            caption="../report/radio_tables.rst",
            category="Radio images",
            labels={"shows": "scores of the images: the tables"},
        ),
        summary=report(
            "results/tables/radio.csv",
            caption="../report/radio_table.rst",
            category="Radio images",
            labels={"shows": "scores of the images"},
        ),
        details=report(
            "results/tables/radio_details.csv",
            caption="../report/radio_details.rst",
            category="Radio images",
            labels={"shows": "scores of every sky"},
        ),
        paired=report(
            "results/tables/radio_paired.csv",
            caption="../report/radio_paired.rst",
            category="Radio images",
            labels={"shows": "against total variation, sky by sky"},
        ),
    log:
        "results/logs/radio_tables.log",
    benchmark:
        "results/benchmarks/radio_tables.tsv"
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
        "../scripts/tables/radio.py"


rule export_inversion:
    input:
        observation="results/inversions/{inversion}/observation.h5",
        images=lambda wildcards: inversion_files(
            config, [wildcards.inversion], [config["inversions"][wildcards.inversion]["export"]["method"]]
        ),
    output:
        directory("results/fits/{inversion}"),
    log:
        "results/logs/export_inversion/{inversion}.log",
    benchmark:
        "results/benchmarks/export_inversion/{inversion}.tsv"
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
        export=lookup(dpath="inversions/{inversion}/export", within=config),
        code=fingerprint("lofi.radio.products", "simulations.radio_observation"),
    script:
        "../scripts/export_inversion.py"


rule score_denoising:
    input:
        data=lambda wildcards: evaluation_files(config, wildcards.experiment),
        reconstructions=lambda wildcards: reconstruction_files(config, wildcards.experiment, wildcards.model),
    output:
        "results/scores/{experiment}/{model}.csv",
    log:
        "results/logs/score_denoising/{experiment}.{model}.log",
    benchmark:
        "results/benchmarks/score_denoising/{experiment}.{model}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "denoising"),
    group:
        "scores"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(20),
    script:
        "../scripts/score_denoising.py"


rule denoiser_tables:
    input:
        score_files(config, "galaxies"),
    output:
        report(
            "results/tables/denoisers.csv",
            caption="../report/denoiser_table.rst",
            category="Radio images",
            labels={"shows": "denoisers: all scores"},
        ),
    log:
        "results/logs/denoiser_tables.log",
    benchmark:
        "results/benchmarks/denoiser_tables.tsv"
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
        "../scripts/tables/denoisers.py"
