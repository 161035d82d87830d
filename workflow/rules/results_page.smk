# INPUTS   results/tables/, results/probes/, results/scores/sphere/: what of them this run has built
# OUTPUTS  results/results.md, the page of results; results/tables/headlines.html


rule results_page:
    input:
        rules.mass_tables.output,
        rules.radio_tables.output,
        rules.denoiser_tables.output,
        rules.runtimes.output,
    output:
        page="results/results.md",
        headlines=report(
            "results/tables/headlines.html",
            caption="../report/headlines.rst",
            category="Headline tables",
            labels={"shows": "scores of the maps and of the radio images"},
        ),
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
