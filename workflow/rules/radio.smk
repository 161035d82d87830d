# INPUTS   config: inversions.*, methods.*; models/{prior}/{denoiser}; scores/galaxies/
# OUTPUTS  inversions/{inversion}/observation.h5, inversions/{inversion}/{method}/{part}.{h5,trace.csv},
#          inversions/{inversion}/{method}.{csv,trace.csv}, fits/{inversion}/,
#          tables/{radio*,denoisers}.csv, figures/{fig10,radio_fine,denoisers}.{png,pdf}
#
# The inversions that take longest, those with a network (`invert_with_prior`), are not left for the end.

OBSERVATION = "inversions/{inversion}/observation.h5"
FIG10, FINE = config["figures"]["fig10"], config["figures"]["radio_fine"]


rule radio:
    """Radio images: tables, figures, FITS files."""
    input:
        expand("tables/{table}.csv", table=["radio", "radio_details", "radio_paired", "denoisers"]),
        expand("figures/{figure}.{form}", figure=["fig10", "radio_fine", "denoisers"], form=["pdf", "png"]),
        expand("fits/{inversion}", inversion=config["build"]["inversions"]),
        "config.yaml",


rule visibilities:
    """Simulate the visibilities of one inversion."""
    input:
        own=lambda wildcards: own_files(config, wildcards.inversion),
    output:
        observation=OBSERVATION,
    group:
        "simulations"
    resources:
        **grouped(2000, 20),
    params:
        inversion=lookup(dpath="inversions/{inversion}", within=config),
        name=lambda wildcards: [config["seed"], "radio", wildcards.inversion],
        seed=config["seed"],
    script:
        "../scripts/visibilities.py"


rule invert:
    """Image the visibilities of one inversion by one method."""
    input:
        unpack(lambda wildcards: prior_files(config, wildcards.inversion, wildcards.method)),
        observation=OBSERVATION,
    output:
        images="inversions/{inversion}/{method}/{part}.h5",
        trace="inversions/{inversion}/{method}/{part}.trace.csv",
    wildcard_constraints:
        method=methods_of(config, with_prior=False),
    group:
        "inversions"
    resources:
        **grouped(3000, 120, on_gpu=True),
    params:
        method=lookup(dpath="methods/{method}", within=config),
        parts=lookup(dpath="inversions/{inversion}/jobs", within=config, default=1),
        name=lambda wildcards: [config["seed"], "radio", wildcards.inversion, wildcards.method],
        device=config["device"],
    script:
        "../scripts/invert.py"


use rule invert as invert_with_prior with:
    wildcard_constraints:
        method=methods_of(config, with_prior=True),
    priority: 4
    message:
        "Image the visibilities of one inversion with a denoiser."


rule score_inversion:
    """Score the images of one inversion by one method."""
    input:
        observation=OBSERVATION,
        images=lambda wildcards: inversion_files(config, [wildcards.inversion], [wildcards.method]),
        traces=lambda wildcards: inversion_files(config, [wildcards.inversion], [wildcards.method], "trace.csv"),
    output:
        scores="inversions/{inversion}/{method}.csv",
        trace="inversions/{inversion}/{method}.trace.csv",
    group:
        "scores"
    resources:
        **grouped(2000, 20),
    script:
        "../scripts/score_inversion.py"


rule export_inversion:
    """Write the images of one inversion as FITS files."""
    input:
        observation=OBSERVATION,
        images=lambda wildcards: inversion_files(
            config, [wildcards.inversion], [config["inversions"][wildcards.inversion]["export"]["method"]]
        ),
    output:
        folder=directory("fits/{inversion}"),
    group:
        "products"
    resources:
        **grouped(2000, 20),
    params:
        method=lookup(dpath="inversions/{inversion}/export/method", within=config),
        number=lookup(dpath="inversions/{inversion}/export/images", within=config),
    script:
        "../scripts/export_inversion.py"


tables(
    "radio_tables",
    "Radio images",
    "the scores of the radio images",
    {
        "page": ("radio.html", "radio_tables", "scores of the images: the tables"),
        "summary": ("radio.csv", "radio_table", "scores of the images"),
        "details": ("radio_details.csv", "radio_details", "scores of every sky"),
        "paired": ("radio_paired.csv", "radio_paired", "against total variation, sky by sky"),
    },
    scores=[
        f"inversions/{inversion}/{method}.csv"
        for inversion in config["build"]["inversions"]
        for method in config["inversions"][inversion]["methods"]
    ],
)

tables(
    "denoiser_tables",
    "Radio images",
    "the scores of the denoisers",
    {"table": ("denoisers.csv", "denoiser_table", "denoisers: all scores")},
    scores=score_files(config, "galaxies"),
)

figure(
    "fig10",
    "Radio images",
    "Figure 10: radio images at 128² and 512²",
    mb=2000,
    scores=expand(
        "inversions/{inversion}/{method}.{kind}",
        inversion=FIG10["inversions"],
        method=FIG10["methods"],
        kind=["csv", "trace.csv"],
    ),
    images=inversion_files(config, FIG10["inversions"], FIG10["methods"]),
    observations=expand(OBSERVATION, inversion=FIG10["inversions"]),
    params={"methods": FIG10["methods"], "number": FIG10["image"]},
)

figure(
    "radio_fine",
    "Radio images",
    "finer cells",
    mb=2000,
    scores=expand("inversions/{inversion}/{method}.csv", inversion=FINE["inversions"], method=FINE["methods"]),
    images=inversion_files(config, FINE["inversions"], FINE["methods"]),
    observations=expand(OBSERVATION, inversion=FINE["inversions"]),
    details=rules.radio_tables.output.details,
    params={"methods": FINE["methods"], "number": FINE["image"]},
)

figure(
    "denoisers",
    "Radio images",
    "denoisers against noise level",
    table=rules.denoiser_tables.output.table,
    params={"split": "test"},
)
