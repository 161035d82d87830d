# INPUTS   config: priors.*; models/{experiment}/{model}
# OUTPUTS  priors/{prior}/model.{safetensors,json}
#
# What ships with the package. `make ship-priors` puts it there (docs/training.md).


rule priors:
    """Train the priors that come with the package."""
    input:
        expand("priors/{prior}/{file}", prior=config["priors"], file=["model.safetensors", "model.json"]),


rule prior:
    """Copy one trained model as a prior, with its recipe."""
    input:
        unpack(lambda wildcards: prior_checkpoint(config, wildcards.prior)),
    output:
        shipped_weights="priors/{prior}/model.safetensors",
        shipped_record="priors/{prior}/model.json",
    group:
        "products"
    resources:
        **grouped(1000, 5),
    params:
        recipe=lambda wildcards: recipe_of(WRITTEN, **config["priors"][wildcards.prior]),
    script:
        "../scripts/prior.py"
