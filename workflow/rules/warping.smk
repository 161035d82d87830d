# INPUTS   config: experiments.*.{observation, models, figure} of the task warping; {data,models,reconstructions,scores}
# OUTPUTS  coordinates/{experiment}/{model}.*, tables/warping.*, figures/{fig08,fig08_geometry}.*

WARPED = warped_experiments(config)
TRANSPOSED = config["experiments"]["transposed"]["figure"]


rule learned_coordinates:
    """Compare the coordinates that one model learned with the true ones."""
    input:
        weights="models/{experiment}/{model}/model.safetensors",
        record="models/{experiment}/{model}/model.json",
    output:
        maps="coordinates/{experiment}/{model}.h5",
        errors="coordinates/{experiment}/{model}.csv",
    wildcard_constraints:
        experiment=experiments_of(config, "warping"),
    group:
        "scores"
    resources:
        **grouped(1500, 5),
    params:
        experiment=lambda wildcards: observed_experiment(config, wildcards.experiment),
        name=lambda wildcards: wildcards.experiment,
    script:
        "../scripts/learned_coordinates.py"


tables(
    "warping_tables",
    "Changes of coordinates",
    "the tables of changes of coordinates",
    {
        "page": ("warping.html", "warping", "changes of coordinates: the table"),
        "summary": ("warping.csv", "warping", "changes of coordinates: all scores"),
        "latex": "warping.tex",
    },
    scores=[path for name in WARPED for path in score_files(config, name)],
    coordinates=coordinate_files(config),
)

figure(
    "fig08",
    "Changes of coordinates",
    "Figure 8: transposed pictures",
    data=evaluation_files(config, "transposed"),
    reconstructions=reconstruction_files(config, "transposed", *TRANSPOSED["models"]),
    scores=score_files(config, "transposed"),
    params={"models": TRANSPOSED["models"], "images": TRANSPOSED["images"]},
)

figure(
    "fig08_geometry",
    "Changes of coordinates",
    "the learned coordinates",
    data=[path for name in WARPED for path in drawn_files(config, name)],
    reconstructions=[path for name in WARPED for path in reconstruction_files(config, name, "inr_lofi")],
    scores=expand("scores/{experiment}/{model}.csv", experiment=WARPED, model=["identity", "inr_lofi"]),
    maps=expand("coordinates/{experiment}/inr_lofi.h5", experiment=WARPED),
    params={"figures": {name: config["experiments"][name]["figure"] for name in WARPED}},
)
