# INPUTS   results/{maps,data,reconstructions,scores,models}/mass
# OUTPUTS  results/figures/*.{png,pdf}, results/tables/convergence.*


rule fig06:
    input:
        data=shard_files(config, "data", "mass", config["experiments"]["mass"]["figure"]["split"]),
        reconstructions=reconstruction_files(config, "mass", *config["experiments"]["mass"]["figure"]["models"]),
        scores=expand("results/scores/mass/{model}.csv", model=config["experiments"]["mass"]["figure"]["models"]),
    output:
        report(
            "results/figures/fig06.png",
            caption="../report/fig06.rst",
            category="Dark-matter maps",
            labels={"shows": "Figure 6: convergence maps"},
        ),
        "results/figures/fig06.pdf",
    log:
        "results/logs/fig06.log",
    benchmark:
        "results/benchmarks/fig06.tsv"
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
    params:
        figure=config["experiments"]["mass"]["figure"],
    script:
        "../scripts/figures/fig06.py"


rule spectrum:
    input:
        score_files(config, "mass", ".spectra"),
    output:
        report(
            "results/figures/spectrum.png",
            caption="../report/spectrum.rst",
            category="Dark-matter maps",
            labels={"shows": "power spectra"},
        ),
        "results/figures/spectrum.pdf",
    log:
        "results/logs/spectrum.log",
    benchmark:
        "results/benchmarks/spectrum.tsv"
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
    params:
        split=config["experiments"]["mass"]["figure"]["split"],
    script:
        "../scripts/figures/spectrum.py"


rule gain:
    input:
        scores=score_files(config, "mass"),
        histories=expand("results/models/mass/{model}/history.csv", model=config["experiments"]["mass"]["models"]),
    output:
        report(
            "results/figures/gain.png",
            caption="../report/gain.rst",
            category="Dark-matter maps",
            labels={"shows": "gain in every simulation box"},
        ),
        "results/figures/gain.pdf",
    log:
        "results/logs/gain.log",
    benchmark:
        "results/benchmarks/gain.tsv"
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
    params:
        split=config["experiments"]["mass"]["figure"]["split"],
    script:
        "../scripts/figures/gain.py"


rule convergence_statistics:
    input:
        theory=rules.theory.output[0],
        maps=[path for split in ("train", "test") for path in shard_files(config, "maps", "mass", split)],
    output:
        statistics="results/tables/convergence.csv",
        panels="results/tables/convergence.h5",
    log:
        "results/logs/convergence_statistics.log",
    benchmark:
        "results/benchmarks/convergence_statistics.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(10),
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
        report(
            "results/figures/convergence.png",
            caption="../report/convergence.rst",
            category="Simulated skies",
            labels={"shows": "validation of the simulated convergence"},
        ),
        "results/figures/convergence.pdf",
    log:
        "results/logs/convergence.log",
    benchmark:
        "results/benchmarks/convergence.tsv"
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
        "../scripts/figures/convergence.py"
