# INPUTS   results/{tables,probes,scores}/: what of them this run has built; results/figures/{fig06,fig10}.png
# OUTPUTS  results/results.md, the page of results; results/opening.html, the first page of the report


rule results_page:
    input:
        rules.runtimes.input,
        rules.runtimes.output,
    output:
        "results/results.md",
    log:
        "results/logs/results_page.log",
    benchmark:
        "results/benchmarks/results_page.tsv"
    localrule: True
    conda:
        "../../envs/lofi.yaml"
    params:
        run="results",
        scale=config["scale"],
        code=fingerprint("workflow.results_page", "workflow.machine"),
    script:
        "../scripts/results_page.py"


rule opening:
    input:
        rules.mass_tables.output,
        rules.radio_tables.output,
        "results/figures/fig06.png",
        "results/figures/fig10.png",
    output:
        report(
            "results/opening.html",
            caption="../report/opening.rst",
            category="At a glance",
            labels={"shows": "the main pictures and tables"},
        ),
    log:
        "results/logs/opening.log",
    benchmark:
        "results/benchmarks/opening.tsv"
    localrule: True
    conda:
        "../../envs/lofi.yaml"
    params:
        run="results",
        code=fingerprint("workflow.opening"),
    script:
        "../scripts/opening.py"
