# INPUTS   config: costs.*, models.*
# OUTPUTS  results/costs/{cost}/{model}.{pixels}.csv, results/tables/{cost}*, results/figures/{cost}.{png,pdf}


rule table2:
    input:
        expand("results/tables/table2{kind}", kind=[".csv", "_growth.csv", "_printed.csv", ".tex"]),
        expand("results/figures/table2.{form}", form=["pdf", "png"]),


rule cost:
    output:
        "results/costs/{cost}/{model}.{pixels}.csv",
    log:
        "results/logs/cost/{cost}.{model}.{pixels}.log",
    benchmark:
        "results/benchmarks/cost/{cost}.{model}.{pixels}.tsv"
    wildcard_constraints:
        pixels=r"\d+",
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **gpu(config),
        mem_mb=lambda wildcards, attempt: attempt * cell_memory_mb(config, wildcards.cost),
        runtime=growing(60),
    params:
        description=lookup(dpath="models/{model}", within=config),
        cost=lambda wildcards: cell_options(config, wildcards.cost),
        device=config["device"],
        code=fingerprint("workflow.cost_cell", "workflow.costs"),
    script:
        "../scripts/cost.py"


rule cost_tables:
    input:
        lambda wildcards: cost_files(config, wildcards.cost),
    output:
        page=report(
            "results/tables/{cost}.html",
            caption="../report/costs_page.rst",
            category="Costs",
            labels={"shows": "{cost}: the table"},
        ),
        table=report(
            "results/tables/{cost}.csv",
            caption="../report/costs.rst",
            category="Costs",
            labels={"shows": "{cost}: all cells"},
        ),
        growth=report(
            "results/tables/{cost}_growth.csv",
            caption="../report/costs_growth.rst",
            category="Costs",
            labels={"shows": "{cost}: growth with resolution"},
        ),
        printed=report(
            "results/tables/{cost}_printed.csv",
            caption="../report/costs.rst",
            category="Costs",
            labels={"shows": "{cost}: beside the paper's Table II"},
        ),
        tex="results/tables/{cost}.tex",
    log:
        "results/logs/cost_tables/{cost}.log",
    benchmark:
        "results/benchmarks/cost_tables/{cost}.tsv"
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
        "../scripts/tables/costs.py"


rule cost_figure:
    input:
        lambda wildcards: cost_files(config, wildcards.cost),
    output:
        report(
            "results/figures/{cost}.png",
            caption="../report/costs_figure.rst",
            category="Costs",
            labels={"shows": "{cost}: against resolution"},
        ),
        "results/figures/{cost}.pdf",
    log:
        "results/logs/cost_figure/{cost}.log",
    benchmark:
        "results/benchmarks/cost_figure/{cost}.tsv"
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
        "../scripts/figures/costs.py"
