# INPUTS   results/data/{experiment}/{split}/{shard}.h5, results/models/{experiment}/{model}
# OUTPUTS  results/reconstructions/{experiment}/{model}/{part}.h5, results/scores/{experiment}/{model}*.csv


rule reconstruct:
    input:
        data=lambda wildcards: evaluation_files(config, wildcards.experiment),
        weights="results/models/{experiment}/{model}/model.safetensors",
        record="results/models/{experiment}/{model}/model.json",
    output:
        "results/reconstructions/{experiment}/{model}/{part}.h5",
    log:
        "results/logs/reconstruct/{experiment}.{model}.{part}.log",
    benchmark:
        "results/benchmarks/reconstruct/{experiment}.{model}.{part}.tsv"
    group:
        "reconstructions"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **gpu(config),
        in_turn=1,
        mem_mb=growing(3000),
        runtime=growing(60),
    params:
        folder=subpath(input.weights, parent=True),
        parts=lookup(dpath="experiments/{experiment}/jobs", within=config, default=1),
        device=config["device"],
        code=fingerprint("lofi.io.checkpoint"),
    script:
        "../scripts/reconstruct.py"


rule score:
    input:
        data=lambda wildcards: evaluation_files(config, wildcards.experiment),
        reconstructions=lambda wildcards: reconstruction_files(config, wildcards.experiment, wildcards.model),
    output:
        scores="results/scores/{experiment}/{model}.csv",
        spectra="results/scores/{experiment}/{model}.spectra.csv",
    log:
        "results/logs/score/{experiment}.{model}.log",
    benchmark:
        "results/benchmarks/score/{experiment}.{model}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "lensing"),
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
        code=fingerprint("lofi.metrics"),
    script:
        "../scripts/score.py"


rule score_pictures:
    input:
        data=lambda wildcards: evaluation_files(config, wildcards.experiment),
        reconstructions=lambda wildcards: reconstruction_files(config, wildcards.experiment, wildcards.model),
    output:
        "results/scores/{experiment}/{model}.csv",
    log:
        "results/logs/score_pictures/{experiment}.{model}.log",
    benchmark:
        "results/benchmarks/score_pictures/{experiment}.{model}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "tomography", "photography", "warping"),
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
        experiment=lambda wildcards: observed_experiment(config, wildcards.experiment),
        code=fingerprint("lofi.metrics", "simulations.tasks"),
    script:
        "../scripts/score_pictures.py"
