# INPUTS   results/maps/{experiment}/train.h5, results/data/{experiment}/validation.h5, config: models, experiments
# OUTPUTS  results/models/{experiment}/{model}/


# Not an input of `train`, or a change of one model would retrain all; targets ask for it, and its priority makes it first.
rule describe:
    output:
        "results/models/{experiment}/models.json",
    log:
        "results/logs/describe/{experiment}.log",
    priority: 10
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=5,
    params:
        models=lambda wildcards: experiment_models(config, wildcards.experiment),
        pixels=lookup(dpath="experiments/{experiment}/field/pixels", within=config),
        code=fingerprint("lofi.models", "lofi.training"),
    script:
        "../scripts/describe.py"


rule train:
    input:
        maps="results/maps/{experiment}/train.h5",
        validation="results/data/{experiment}/validation.h5",
    output:
        weights="results/models/{experiment}/{model}/model.safetensors",
        record="results/models/{experiment}/{model}/model.json",
        history="results/models/{experiment}/{model}/history.csv",
    log:
        "results/logs/train/{experiment}.{model}.log",
    benchmark:
        "results/benchmarks/train/{experiment}.{model}.tsv"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=600,
    params:
        folder=subpath(output.weights, parent=True),
        description=lookup(dpath="models/{model}", within=config),
        observation=lookup(dpath="experiments/{experiment}/observation", within=config),
        depth=lookup(dpath="experiments/{experiment}/splits/train/depth", within=config, default={}),
        device=config["device"],
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.model],
        code=fingerprint("lofi.models", "lofi.training", "simulations.observation"),
    script:
        "../scripts/train.py"
