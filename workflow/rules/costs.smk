# INPUTS   config: costs.*, models.*
# OUTPUTS  costs/{cost}/{model}.{pixels}.csv, tables/{cost}*, figures/{cost}.{png,pdf}


rule table2:
    """Table II of the paper: memory and time of training."""
    input:
        expand("tables/table2{kind}", kind=[".csv", "_growth.csv", "_printed.csv", ".tex"]),
        expand("figures/table2.{form}", form=["pdf", "png"]),


rule cost:
    """Measure memory and time of training one network at one resolution."""
    output:
        cell="costs/{cost}/{model}.{pixels}.csv",
    wildcard_constraints:
        pixels=r"\d+",
    resources:
        **alone(lambda wildcards: cell_memory_mb(config, wildcards.cost), 60, on_gpu=True),
    params:
        description=lookup(dpath="models/{model}", within=config),
        cost=lambda wildcards: cell_options(config, wildcards.cost),
        device=config["device"],
    script:
        "../scripts/cost.py"


tables(
    "cost_tables",
    "Costs",
    "the tables of what training costs",
    {
        "page": ("{cost}.html", "costs_page", "{cost}: the table"),
        "table": ("{cost}.csv", "costs", "{cost}: all cells"),
        "growth": ("{cost}_growth.csv", "costs_growth", "{cost}: growth with resolution"),
        "printed": ("{cost}_printed.csv", "costs", "{cost}: beside the paper's Table II"),
        "latex": "{cost}.tex",
    },
    cells=lambda wildcards: cost_files(config, wildcards.cost),
)

figure(
    "cost_figure",
    "Costs",
    "{cost}: against resolution",
    what="what training costs against resolution",
    file="{cost}",
    cells=lambda wildcards: cost_files(config, wildcards.cost),
)
