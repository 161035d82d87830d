# INPUTS   everything that the run makes, so that this comes last; results/benchmarks/
# OUTPUTS  results/tables/runtimes.csv


rule runtimes:
    input:
        rules.mass.input,
        rules.radio.input,
        rules.observations.input,
    output:
        report(
            "results/tables/runtimes.csv",
            caption="../report/runtimes.rst",
            category="Run times",
            labels={"shows": "run times by rule"},
        ),
    log:
        "results/logs/runtimes.log",
    benchmark:
        "results/benchmarks/runtimes.tsv"
    localrule: True
    conda:
        "../../envs/lofi.yaml"
    params:
        folder="results/benchmarks",
        code=fingerprint("workflow.runtimes"),
    script:
        "../scripts/runtimes.py"
