# INPUTS   config: comparisons.*; models/{experiment}/{model} of their checkpoints; the command wsclean
# OUTPUTS  comparisons/{comparison}/{sky}/: visibilities.ms, truth.h5, {imager}-{image,model,residual}.fits, {imager}.json;
#          tables/wsclean*.{csv,html}, figures/wsclean.{png,pdf}

COMPARED = "comparisons/{comparison}/{sky}"
MADE = {kind: f"-{kind}.fits" for kind in ["image", "model", "residual"]} | {"cost": ".json"}


rule wsclean:
    """Compare `lofi image` with WSClean: scores, time and memory, a figure."""
    input:
        expand("tables/{table}", table=["wsclean.csv", "wsclean_paired.csv", "wsclean.html"]),
        expand("figures/wsclean.{form}", form=["pdf", "png"]),
        "config.yaml",


rule measurement_set:
    """Simulate a sky and its visibilities as a Measurement Set."""
    input:
        own=lambda wildcards: compared_files(config, wildcards.comparison),
    output:
        visibilities=directory(f"{COMPARED}/visibilities.ms"),
        truth=f"{COMPARED}/truth.h5",
    group:
        "simulations"
    resources:
        **grouped(2000, 20),
    params:
        options=lookup(dpath="comparisons/{comparison}", within=config),
        name=lambda wildcards: [config["seed"], "comparison", wildcards.comparison],
        seed=config["seed"],
    script:
        "../scripts/measurement_set.py"


rule wsclean_image:
    """Image a Measurement Set with WSClean, down to one threshold."""
    input:
        visibilities=rules.measurement_set.output.visibilities,
    output:
        **{kind: f"{COMPARED}/wsclean_{{threshold}}{ending}" for kind, ending in MADE.items()},
    wildcard_constraints:
        threshold=r"[0-9.e-]+",
    resources:
        **alone(3000, 60),
    params:
        options=lookup(dpath="comparisons/{comparison}", within=config),
    script:
        "../scripts/wsclean_image.py"


rule lofi_image:
    """Image a Measurement Set with `lofi image`."""
    input:
        unpack(lambda wildcards: compared_checkpoint(config, wildcards.comparison)),
        visibilities=rules.measurement_set.output.visibilities,
    output:
        **{kind: f"{COMPARED}/lofi{ending}" for kind, ending in MADE.items()},
    resources:
        **alone(3000, 60),
    params:
        options=lookup(dpath="comparisons/{comparison}", within=config),
    script:
        "../scripts/lofi_image.py"


tables(
    "wsclean_tables",
    "WSClean",
    "the scores of `lofi image` and WSClean",
    {
        "page": ("wsclean.html", "wsclean_tables", "`lofi image` and WSClean: the tables"),
        "scores": ("wsclean.csv", "wsclean_table", "`lofi image` and WSClean: scores, time, memory"),
        "paired": ("wsclean_paired.csv", "wsclean_paired", "`lofi image` against WSClean, sky by sky"),
    },
    truths=compared_skies(config, "truth.h5"),
    images=compared_images(config, MADE["image"]),
    models=compared_images(config, MADE["model"]),
    residuals=compared_images(config, MADE["residual"]),
    costs=compared_images(config, MADE["cost"]),
)

figure(
    "wsclean_figure",
    "WSClean",
    "`lofi image` and WSClean",
    file="wsclean",
    mb=2000,
    truths=compared_skies(config, "truth.h5"),
    images=compared_images(config, MADE["image"]),
    scores=rules.wsclean_tables.output.scores,
)
