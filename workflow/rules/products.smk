# INPUTS   results/{maps,data,models,reconstructions,scores}/{experiment}
# OUTPUTS  results/tables/*.csv, results/figures/*.{pdf,png}, results/fits/{experiment}/


rule mass:
    input:
        expand("results/tables/mass{kind}.csv", kind=["", "_details", "_paired"]),
        expand(
            "results/figures/{figure}.{form}", figure=["fig06", "spectrum", "gain", "convergence"], form=["pdf", "png"]
        ),
        "results/fits/mass",
        "results/models/mass/models.json",
        "results/config.yaml",


rule written_config:
    output:
        "results/config.yaml",
    log:
        "results/logs/written_config.log",
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
        summary=report("results/tables/mass.csv", caption="../report/mass_table.rst", category="Dark-matter maps"),
        details=report(
            "results/tables/mass_details.csv", caption="../report/mass_details.rst", category="Dark-matter maps"
        ),
        paired=report(
            "results/tables/mass_paired.csv", caption="../report/mass_paired.rst", category="Dark-matter maps"
        ),
    log:
        "results/logs/mass_tables.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    script:
        "../scripts/tables/mass.py"


rule fig06:
    input:
        data=f"results/data/mass/{config['experiments']['mass']['figure']['split']}.h5",
        reconstructions=expand(
            "results/reconstructions/mass/{model}.h5", model=config["experiments"]["mass"]["figure"]["models"]
        ),
        scores=expand("results/scores/mass/{model}.csv", model=config["experiments"]["mass"]["figure"]["models"]),
    output:
        report("results/figures/fig06.png", caption="../report/fig06.rst", category="Dark-matter maps"),
        "results/figures/fig06.pdf",
    log:
        "results/logs/fig06.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        figure=config["experiments"]["mass"]["figure"],
    script:
        "../scripts/figures/fig06.py"


rule spectrum:
    input:
        score_files(config, "mass", ".spectra"),
    output:
        report("results/figures/spectrum.png", caption="../report/spectrum.rst", category="Dark-matter maps"),
        "results/figures/spectrum.pdf",
    log:
        "results/logs/spectrum.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        split=config["experiments"]["mass"]["figure"]["split"],
    script:
        "../scripts/figures/spectrum.py"


rule gain:
    input:
        scores=score_files(config, "mass"),
        histories=expand("results/models/mass/{model}/history.csv", model=config["experiments"]["mass"]["models"]),
    output:
        report("results/figures/gain.png", caption="../report/gain.rst", category="Dark-matter maps"),
        "results/figures/gain.pdf",
    log:
        "results/logs/gain.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        split=config["experiments"]["mass"]["figure"]["split"],
    script:
        "../scripts/figures/gain.py"


rule convergence_statistics:
    input:
        theory=rules.theory.output[0],
        maps=expand("results/maps/mass/{split}.h5", split=["train", "test"]),
    output:
        statistics="results/tables/convergence.csv",
        panels="results/tables/convergence.h5",
    log:
        "results/logs/convergence_statistics.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        analytic=100,
        name=[config["seed"], "convergence"],
        code=fingerprint("lofi.metrics", "simulations.images.sources"),
    script:
        "../scripts/convergence_statistics.py"


rule convergence:
    input:
        statistics=rules.convergence_statistics.output.statistics,
        panels=rules.convergence_statistics.output.panels,
    output:
        report("results/figures/convergence.png", caption="../report/convergence.rst", category="Simulated skies"),
        "results/figures/convergence.pdf",
    log:
        "results/logs/convergence.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    script:
        "../scripts/figures/convergence.py"


rule export:
    input:
        data=lambda wildcards: f"results/data/{wildcards.experiment}/{config['experiments'][wildcards.experiment]['export']['split']}.h5",
        reconstructions=lambda wildcards: expand(
            "results/reconstructions/{experiment}/{model}.h5",
            experiment=wildcards.experiment,
            model=config["experiments"][wildcards.experiment]["models"],
        ),
    output:
        directory("results/fits/{experiment}"),
    log:
        "results/logs/export/{experiment}.log",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        models=lookup(dpath="experiments/{experiment}/models", within=config),
        export=lookup(dpath="experiments/{experiment}/export", within=config),
        code=fingerprint("lofi.io.fits", "simulations.tangent_plane"),
    script:
        "../scripts/export.py"
