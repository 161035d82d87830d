# INPUTS   results/{benchmarks,tables,probes,scores}/: what of them this run has built; results/figures/{fig06,fig10}.png
# OUTPUTS  results/tables/runtimes.csv; results/results.md, the page of results; results/opening.html, the first page of the report


rule runtimes:
    """Sum up time and memory of all jobs by rule."""
    input:
        rules.mass.input,
        rules.radio.input,
        rules.observations.input,
    output:
        table=reported("results/tables/runtimes.csv", "runtimes", "Run times", "run times by rule"),
    localrule: True
    conda:
        CONDA
    params:
        benchmarks="results/benchmarks",
    script:
        "../scripts/runtimes.py"


rule results_page:
    """Write the page of results."""
    input:
        rules.runtimes.input,
        rules.runtimes.output,
    output:
        page="results/results.md",
    localrule: True
    conda:
        CONDA
    params:
        scale=config["scale"],
    script:
        "../scripts/results_page.py"


rule opening:
    """Write the first page of the report."""
    input:
        rules.mass_tables.output,
        rules.radio_tables.output,
        "results/figures/fig06.png",
        "results/figures/fig10.png",
    output:
        page=reported("results/opening.html", "opening", "At a glance", "the main pictures and tables"),
    localrule: True
    conda:
        CONDA
    script:
        "../scripts/opening.py"
