# INPUTS   config: figures.tiny; {data,models,reconstructions,scores} of experiments on nine pictures
# OUTPUTS  tables/tiny.*, figures/{fig04,fig05,figS01}.*

TINY = tiny_experiments(config)[0]

tables(
    "tiny_tables",
    "Nine images",
    "the tables of training on nine pictures",
    {
        "page": ("tiny.html", "tiny", "training on nine pictures: the table"),
        "summary": ("tiny.csv", "tiny", "training on nine pictures: all curves"),
        "runs": "tiny_runs.csv",
    },
    **tiny_histories(config),
    params={"figure": config["figures"]["tiny"]},
)

figure(
    "fig04",
    "Nine images",
    "Figure 4: training on nine pictures",
    **tiny_histories(config),
    tables=rules.tiny_tables.output,
    params={"figure": config["figures"]["tiny"]},
)

figure(
    "fig05",
    "Nine images",
    "Figure 5: pictures while training",
    data=shard_files(config, "data", TINY, "test"),
    reconstructions=reconstruction_files(config, TINY),
    scores=score_files(config, TINY),
)

figure(
    "figS01",
    "Nine images",
    "Figure S1: more pictures while training",
    train=shard_files(config, "data", TINY, "train"),
    test=shard_files(config, "data", TINY, "test"),
)
