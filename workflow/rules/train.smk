# INPUTS   results/maps/{experiment}/train.h5, results/data/{experiment}/validation.h5, config: models, experiments
# OUTPUTS  results/models/{experiment}/{model}/


# Cheap and of high priority, so that a mistake in any model stops the run before the simulations start.
rule describe:
    output:
        "results/models/{experiment}/{model}/description.json",
    log:
        "results/logs/describe/{experiment}.{model}.log",
    priority: 10
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=5,
    params:
        description=lookup(dpath="models/{model}", within=config),
        experiment=lambda wildcards: observed_experiment(config, wildcards.experiment),
        code=fingerprint("lofi.models", "lofi.training", "simulations.tasks"),
    script:
        "../scripts/describe.py"


rule train:
    input:
        maps="results/maps/{experiment}/train.h5",
        validation="results/data/{experiment}/validation.h5",
        described=rules.describe.output[0],
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
        experiment=lambda wildcards: observed_experiment(config, wildcards.experiment),
        depth=lookup(dpath="experiments/{experiment}/splits/train/depth", within=config, default={}),
        device=config["device"],
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.model],
        code=fingerprint("lofi.models", "lofi.training", "simulations.tasks"),
    script:
        "../scripts/train.py"
