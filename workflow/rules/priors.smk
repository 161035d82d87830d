# INPUTS   config: priors.*; models/{experiment}/{model}
# OUTPUTS  priors/{prior}/{model,errors}.{safetensors,json}; of priors for images errors.json alone;
#          tables/reliability.{csv,h5}, figures/{reliability,error_maps}.{png,pdf} of the prior in the package
#
# What ships with the package. `make ship-priors` puts it there (docs/training.md).

SURVEYS = config["priors"]["convergence"]["experiment"]


rule priors:
    """Train the priors that come with the package."""
    input:
        expand("priors/{prior}/{file}", prior=config["priors"], file=["model.safetensors", "model.json"]),
        expand("priors/{prior}/errors.{ending}", prior=calibrated_priors(config), ending=["safetensors", "json"]),
        expand("priors/{prior}/errors.json", prior=priors_of_images(config)),


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


rule error_bars:
    """Train and calibrate the error bars of a prior."""
    input:
        unpack(lambda wildcards: calibration_files(config, wildcards.prior)),
        weights="priors/{prior}/model.safetensors",
        record="priors/{prior}/model.json",
    output:
        errors="priors/{prior}/errors.safetensors",
        errors_record="priors/{prior}/errors.json",
    wildcard_constraints:
        prior=named(calibrated_priors(config)),
    group:
        "products"
    resources:
        **grouped(3000, 30),
    params:
        experiment=lambda wildcards: observed_experiment(config, config["priors"][wildcards.prior]["experiment"]),
        depth=lambda wildcards: calibration_depth(config, wildcards.prior),
        name=lambda wildcards: [config["seed"], wildcards.prior, "errors"],
    script:
        "../scripts/error_bars.py"


rule radio_error_bars:
    """Fit and calibrate the error field of a prior for radio images."""
    input:
        weights="priors/{prior}/model.safetensors",
        record="priors/{prior}/model.json",
    output:
        errors_record="priors/{prior}/errors.json",
    wildcard_constraints:
        prior=named(priors_of_images(config)),
    group:
        "products"
    resources:
        **grouped(2000, 60),
    params:
        coverages=120,
        name=lambda wildcards: [config["seed"], wildcards.prior, "errors"],
    script:
        "../scripts/radio_error_bars.py"


rule reliability:
    """How often error bars of convergence maps hold the truth: table, figures."""
    input:
        "tables/reliability.csv",
        expand("figures/{figure}.{form}", figure=["reliability", "error_maps"], form=["pdf", "png"]),
        "config.yaml",


rule coverage:
    """Measure how often the error bars of the package hold the truth."""
    input:
        unpack(lambda wildcards: judged_files(config, "convergence")),
    output:
        table=reported("tables/reliability.csv", "coverage", "Error bars", "coverage of the error bars"),
        panels="tables/reliability.h5",
    group:
        "products"
    resources:
        **grouped(3000, 20),
    params:
        experiment=observed_experiment(config, SURVEYS),
        number=config["experiments"][SURVEYS]["figure"]["map"],
    script:
        "../scripts/coverage.py"


figure(
    "reliability_figure",
    "Error bars",
    "how often the error bars hold the truth",
    file="reliability",
    table=rules.coverage.output.table,
)

figure(
    "error_maps",
    "Error bars",
    "estimate, error and signal to noise beside the truth",
    panels=rules.coverage.output.panels,
)
