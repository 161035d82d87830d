# INPUTS   maps/{experiment}/train/*.h5 (or data, if noise is fixed), data/{experiment}/*/*.h5, config
# OUTPUTS  models/checked.json, models/{experiment}/{model}/
#
# Trainings, and what they need of pictures, come before other jobs: the inversions wait for the longest of them.
# Models that learn nothing by descent are calibrated by the same script (`fit`), several in a job without a GPU; those that come
# with the package are taken as they are (`shipped`).


# Cheap and of the highest priority, so that a wrong value stops the run before the simulations start. Targets need it
# (`workflow.completion`), trainings do not: a new check is no reason to train again.
rule check_models:
    """Build the models of all experiments, to find wrong values before anything expensive starts."""
    output:
        checked="models/checked.json",
    priority: 10
    resources:
        **alone(1500, 5),
    params:
        experiments={
            name: observed_experiment(config, name) | {"models": options["models"]}
            for name, options in config["experiments"].items()
        },
        models={
            name: {key: value for key, value in options.items() if key != "training"}
            for name, options in config["models"].items()
        },
    script:
        "../scripts/check_models.py"


rule train:
    """Train one model."""
    input:
        training=lambda wildcards: training_files(config, wildcards.experiment),
        validation=lambda wildcards: shard_files(config, "data", wildcards.experiment, "validation"),
        curves=lambda wildcards: curve_files(config, wildcards.experiment),
    output:
        weights="models/{experiment}/{model}/model.safetensors",
        record="models/{experiment}/{model}/model.json",
        history="models/{experiment}/{model}/history.csv",
    wildcard_constraints:
        model=learning(config, "descent"),
    priority: 5
    threads: config["training"]["devices"]
    resources:
        **training(config, 4000, 600),
    params:
        description=lookup(dpath="models/{model}", within=config),
        experiment=lambda wildcards: observed_experiment(config, wildcards.experiment),
        noise=lookup(dpath="experiments/{experiment}/noise_in_training", within=config, default="fresh"),
        depth=lookup(dpath="experiments/{experiment}/splits/train/depth", within=config, default={}),
        device=config["device"],
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.model],
    script:
        "../scripts/train.py"


use rule train as fit with:
    wildcard_constraints:
        model=learning(config, "calibrated"),
    group:
        "fits"
    resources:
        **grouped(4000, 30),
    params:
        device="cpu",
    message:
        "Calibrate one model."


rule shipped:
    """Take one model that comes with the package."""
    input:
        unpack(lambda wildcards: shipped_files(config["models"][wildcards.model]["name"])),
    output:
        model_weights="models/{experiment}/{model}/model.safetensors",
        model_record="models/{experiment}/{model}/model.json",
    wildcard_constraints:
        model=learning(config, "shipped"),
    group:
        "fits"
    resources:
        **grouped(1000, 5),
    script:
        "../scripts/shipped.py"
