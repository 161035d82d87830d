# INPUTS   config: priors.*; models/{experiment}/{model}
# OUTPUTS  priors/{prior}/{model,errors,errors_nside*}.{safetensors,json}; of priors for images errors.json alone;
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
        expand(
            "priors/{prior}/errors_nside{nside}.{ending}",
            prior=calibrated_priors(config),
            nside=SPHERE_NSIDES,
            ending=["safetensors", "json"],
        ),


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


use rule sphere_sky as error_bars_sky with:
    input:
        theory="theory.h5",
        particles=lambda wildcards: [f"nbody/nbody/particles{box}.h5" for box in SPHERE_BOXES[wildcards.part]],
    output:
        sky="spheres/errors/{part}{nside}.h5",
    wildcard_constraints:
        part="|".join(SPHERE_BOXES),
        nside=r"\d+",
    resources:
        **alone(4000, 60),
    params:
        nside=lambda wildcards: int(wildcards.nside),
        source=config["sources"]["nbody"] | {"mirrored": True},
        name=lambda wildcards: [config["seed"], "sphere", {"training": "train", "calibration": "test"}[wildcards.part]],


rule sphere_error_bars:
    """Fit the error bars of a prior to skies of the sphere."""
    input:
        training="spheres/errors/training{nside}.h5",
        calibration="spheres/errors/calibration{nside}.h5",
        weights="priors/{prior}/model.safetensors",
        record="priors/{prior}/model.json",
        errors="priors/{prior}/errors.safetensors",
        errors_record="priors/{prior}/errors.json",
    output:
        sphere_errors="priors/{prior}/errors_nside{nside}.safetensors",
        sphere_record="priors/{prior}/errors_nside{nside}.json",
    wildcard_constraints:
        prior=named(calibrated_priors(config)),
        nside=r"\d+",
    threads: 2
    resources:
        **alone(6000, 120),
    params:
        boxes=SPHERE_BOXES,
        redshift=config["source_redshift"],
        name=lambda wildcards: [config["seed"], wildcards.prior, f"errors_nside{wildcards.nside}"],
    script:
        "../scripts/sphere_error_bars.py"


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
        **grouped(3000, 90),
    params:
        coverages=180,
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
