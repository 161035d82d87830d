# INPUTS   {benchmarks,tables,probes,scores}/: what of them this run has built; figures/{fig06,fig10}.png
# OUTPUTS  tables/runtimes.csv; results.md, the page of results; opening.html, the first page of the report


rule runtimes:
    """Sum up time and memory of all jobs by rule."""
    input:
        rules.mass.input,
        rules.radio.input,
        rules.observations.input,
    output:
        table=reported("tables/runtimes.csv", "runtimes", "Run times", "run times by rule"),
    localrule: True
    params:
        benchmarks="benchmarks",
    script:
        "../scripts/runtimes.py"


rule results_page:
    """Write the page of results."""
    input:
        rules.runtimes.input,
        rules.runtimes.output,
    output:
        page="results.md",
    localrule: True
    params:
        scale=config["scale"],
    script:
        "../scripts/results_page.py"


rule opening:
    """Write the first page of the report."""
    input:
        rules.mass_tables.output,
        rules.radio_tables.output,
        "figures/fig06.png",
        "figures/fig10.png",
    output:
        page=reported("opening.html", "opening", "At a glance", "the main pictures and tables"),
    localrule: True
    script:
        "../scripts/opening.py"
