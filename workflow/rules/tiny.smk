# INPUTS   config: sources, experiments.*.{field, splits} of the task photography, figures.tiny; results/{data,models,reconstructions}
# OUTPUTS  results/maps/{experiment}/{split}/{shard}.h5 (photographs), results/tables/tiny.*, results/figures/{fig04,fig05,figS01}.*


rule photographs:
    input:
        lambda wildcards: source_files(config, wildcards.experiment, wildcards.split),
    output:
        "results/maps/{experiment}/{split}/{shard}.h5",
    log:
        "results/logs/photographs/{experiment}.{split}.{shard}.log",
    benchmark:
        "results/benchmarks/photographs/{experiment}.{split}.{shard}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "photography"),
    group:
        "simulations"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    params:
        split=lookup(dpath="experiments/{experiment}/splits/{split}", within=config),
        source=lambda wildcards: split_source(config, wildcards.experiment, wildcards.split),
        field=lookup(dpath="experiments/{experiment}/field", within=config),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.split],
        code=fingerprint("simulations.images.photographs", "workflow.shards"),
    script:
        "../scripts/photographs.py"


rule tiny_tables:
    input:
        **tiny_histories(config),
    output:
        page=report(
            "results/tables/tiny.html",
            caption="../report/tiny.rst",
            category="Nine images",
            labels={"shows": "training on nine pictures: the table"},
        ),
        summary=report(
            "results/tables/tiny.csv",
            caption="../report/tiny.rst",
            category="Nine images",
            labels={"shows": "training on nine pictures: all curves"},
        ),
        runs="results/tables/tiny_runs.csv",
    log:
        "results/logs/tiny_tables.log",
    benchmark:
        "results/benchmarks/tiny_tables.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    params:
        figure=config["figures"]["tiny"],
        code=fingerprint("workflow.training_curves"),
    script:
        "../scripts/tables/tiny.py"


rule fig04:
    input:
        **tiny_histories(config),
        tables=rules.tiny_tables.output,
    output:
        report(
            "results/figures/fig04.png",
            caption="../report/fig04.rst",
            category="Nine images",
            labels={"shows": "Figure 4: training on nine pictures"},
        ),
        "results/figures/fig04.pdf",
    log:
        "results/logs/fig04.log",
    benchmark:
        "results/benchmarks/fig04.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    params:
        figure=config["figures"]["tiny"],
        code=fingerprint("workflow.training_curves"),
    script:
        "../scripts/figures/fig04.py"


rule fig05:
    input:
        data=shard_files(config, "data", tiny_experiments(config)[0], "test"),
        reconstructions=reconstruction_files(config, tiny_experiments(config)[0]),
        scores=score_files(config, tiny_experiments(config)[0]),
    output:
        report(
            "results/figures/fig05.png",
            caption="../report/fig05.rst",
            category="Nine images",
            labels={"shows": "Figure 5: pictures while training"},
        ),
        "results/figures/fig05.pdf",
    log:
        "results/logs/fig05.log",
    benchmark:
        "results/benchmarks/fig05.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    script:
        "../scripts/figures/fig05.py"


rule figS01:
    input:
        train=shard_files(config, "data", tiny_experiments(config)[0], "train"),
        test=shard_files(config, "data", tiny_experiments(config)[0], "test"),
    output:
        report(
            "results/figures/figS01.png",
            caption="../report/figS01.rst",
            category="Nine images",
            labels={"shows": "Figure S1: more pictures while training"},
        ),
        "results/figures/figS01.pdf",
    log:
        "results/logs/figS01.log",
    benchmark:
        "results/benchmarks/figS01.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(5),
    script:
        "../scripts/figures/figS01.py"
