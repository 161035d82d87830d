# INPUTS   config: sources, experiments.*.{field, splits, figure} of the task tomography; results/{data,reconstructions}
# OUTPUTS  results/maps/{experiment}/{split}/{shard}.h5 (slices),
#          results/tables/table1.*, results/figures/fig03.*


rule slices:
    input:
        lambda wildcards: source_files(config, wildcards.experiment, wildcards.split),
    output:
        "results/maps/{experiment}/{split}/{shard}.h5",
    log:
        "results/logs/slices/{experiment}.{split}.{shard}.log",
    benchmark:
        "results/benchmarks/slices/{experiment}.{split}.{shard}.tsv"
    wildcard_constraints:
        experiment=experiments_of(config, "tomography"),
    group:
        "simulations"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        split=lookup(dpath="experiments/{experiment}/splits/{split}", within=config),
        source=lambda wildcards: split_source(config, wildcards.experiment, wildcards.split),
        field=lookup(dpath="experiments/{experiment}/field", within=config),
        name=lambda wildcards: [config["seed"], wildcards.experiment, wildcards.split],
        code=fingerprint(
            "simulations.images.ct.brain",
            "simulations.images.ct.chest",
            "simulations.images.lodopab",
            "simulations.images.slices",
            "workflow.shards",
        ),
    script:
        "../scripts/slices.py"


rule table1:
    input:
        scores=score_files(config, "ldct"),
        printed="workflow/resources/table1_paper.csv",
    output:
        page=report(
            "results/tables/table1.html",
            caption="../report/table1.rst",
            category="Low-dose CT",
            labels={"shows": "Table I: low-dose CT"},
        ),
        summary=report(
            "results/tables/table1.csv",
            caption="../report/table1.rst",
            category="Low-dose CT",
            labels={"shows": "Table I: all scores"},
        ),
        printed="results/tables/table1_paper.csv",
        latex="results/tables/table1.tex",
    log:
        "results/logs/table1.log",
    benchmark:
        "results/benchmarks/table1.tsv"
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
        "../scripts/tables/table1.py"


rule fig03:
    input:
        data=evaluation_files(config, "ldct"),
        reconstructions=reconstruction_files(config, "ldct", *config["experiments"]["ldct"]["figure"]["models"]),
        scores=score_files(config, "ldct"),
    output:
        report(
            "results/figures/fig03.png",
            caption="../report/fig03.rst",
            category="Low-dose CT",
            labels={"shows": "Figure 3: low-dose CT"},
        ),
        "results/figures/fig03.pdf",
    log:
        "results/logs/fig03.log",
    benchmark:
        "results/benchmarks/fig03.tsv"
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
        figure=config["experiments"]["ldct"]["figure"],
    script:
        "../scripts/figures/fig03.py"
