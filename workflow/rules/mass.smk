# INPUTS   {maps,data,models,reconstructions,scores}/{experiment}
# OUTPUTS  tables/{mass*,convergence}.*, figures/{fig06,spectrum,gain,convergence}.*, fits/{experiment}/,
#          config.yaml

MASS = config["experiments"]["mass"]


rule mass:
    """Dark-matter maps: tables, figures, FITS files."""
    input:
        expand("tables/mass{kind}.csv", kind=["", "_details", "_paired"]),
        expand("figures/{figure}.{form}", figure=["fig06", "spectrum", "gain", "convergence"], form=["pdf", "png"]),
        "fits/mass",
        "config.yaml",


rule written_config:
    """Write the whole configuration of this run."""
    output:
        written="config.yaml",
    localrule: True
    params:
        config=WRITTEN,
    script:
        "../scripts/written_config.py"


rule export:
    """Write the maps of one experiment as FITS files."""
    input:
        unpack(lambda wildcards: export_files(config, wildcards.experiment)),
    output:
        folder=directory("fits/{experiment}"),
    group:
        "products"
    resources:
        **grouped(2000, 20),
    params:
        model=lookup(dpath="experiments/{experiment}/export/model", within=config),
        split=lookup(dpath="experiments/{experiment}/export/split", within=config),
    script:
        "../scripts/export.py"


rule convergence_statistics:
    """Measure the statistics of the simulated skies."""
    input:
        theory=rules.theory.output.spectra,
        maps=[path for split in ("train", "test") for path in shard_files(config, "maps", "mass", split)],
    output:
        statistics="tables/convergence.csv",
        panels="tables/convergence.h5",
    group:
        "products"
    resources:
        **grouped(2000, 10),
    params:
        analytic=100,
        name=[config["seed"], "convergence"],
    script:
        "../scripts/convergence_statistics.py"


tables(
    "mass_tables",
    "Dark-matter maps",
    "the scores of the dark-matter maps",
    {
        "page": ("mass.html", "mass_tables", "scores of the maps: the tables"),
        "summary": ("mass.csv", "mass_table", "scores of the maps"),
        "details": ("mass_details.csv", "mass_details", "more scores of the maps"),
        "paired": ("mass_paired.csv", "mass_paired", "against the Wiener filter, map by map"),
    },
    scores=score_files(config, "mass"),
)

figure(
    "fig06",
    "Dark-matter maps",
    "Figure 6: convergence maps",
    data=shard_files(config, "data", "mass", MASS["figure"]["split"]),
    reconstructions=reconstruction_files(config, "mass", *MASS["figure"]["models"]),
    scores=expand("scores/mass/{model}.csv", model=MASS["figure"]["models"]),
    params={key: MASS["figure"][entry] for key, entry in (("models", "models"), ("split", "split"), ("number", "map"))},
)

figure(
    "spectrum",
    "Dark-matter maps",
    "power spectra",
    spectra=score_files(config, "mass", ".spectra"),
    params={"split": MASS["figure"]["split"]},
)

figure(
    "gain",
    "Dark-matter maps",
    "the gain in every simulation box",
    scores=score_files(config, "mass"),
    histories=expand("models/mass/{model}/history.csv", model=trained_models(config, "mass")),
    params={"split": MASS["figure"]["split"]},
)

figure(
    "convergence",
    "Simulated skies",
    "the validation of the simulated convergence",
    statistics=rules.convergence_statistics.output.statistics,
    panels=rules.convergence_statistics.output.panels,
)
