# INPUTS   {data,models,scores}/geometry, config: figures.geometry
# OUTPUTS  geometry/*, tables/{geometry*,filter.csv}, figures/{fig07,figS05}.*

GEOMETRY = config["figures"]["geometry"]


rule positions:
    """Find where a field samples the image."""
    input:
        data=evaluation_files(config, "geometry"),
        weights="models/geometry/{model}/model.safetensors",
        record="models/geometry/{model}/model.json",
    output:
        positions="geometry/{model}.h5",
    group:
        "products"
    resources:
        **grouped(2000, 10),
    params:
        pixels=GEOMETRY["pixels"],
    script:
        "../scripts/positions.py"


rule learned_filter:
    """Find how far the learned filter reaches."""
    input:
        weights=f"models/geometry/{GEOMETRY['filter']}/model.safetensors",
        record=f"models/geometry/{GEOMETRY['filter']}/model.json",
    output:
        kernel="geometry/filter.kernel.h5",
        table=reported("tables/filter.csv", "filter", "Patch geometry", "support of the learned filter"),
    group:
        "products"
    resources:
        **grouped(1500, 5),
    script:
        "../scripts/learned_filter.py"


tables(
    "geometry_tables",
    "Patch geometry",
    "the tables of denoisers by patch geometry",
    {
        "page": ("geometry.html", "geometry", "denoisers by patch geometry: the table"),
        "summary": ("geometry.csv", "geometry", "denoisers by patch geometry: all scores"),
        "steps": "geometry_steps.csv",
        "latex": "geometry.tex",
    },
    minutes=10,
    scores=score_files(config, "geometry"),
    records=expand("models/geometry/{model}/model.json", model=config["experiments"]["geometry"]["models"]),
    positions=expand("geometry/{model}.h5", model=trained_models(config, "geometry")),
    data=evaluation_files(config, "geometry"),
    params={"plain": GEOMETRY["models"][0]},
)

figure(
    "fig07",
    "Patch geometry",
    "Figure 7: where samples are taken",
    data=shard_files(config, "data", "geometry", GEOMETRY["split"]),
    positions=expand("geometry/{model}.h5", model=GEOMETRY["models"]),
    scores=score_files(config, "geometry"),
    params={"split": GEOMETRY["split"], "image": GEOMETRY["image"]},
)

figure(
    "figS05",
    "Patch geometry",
    "Figure S5: the learned filter",
    kernel=rules.learned_filter.output.kernel,
    table=rules.learned_filter.output.table,
)
