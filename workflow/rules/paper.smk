# INPUTS   every table and figure
# OUTPUTS  results/tables/{verdicts,paper_runtimes}.*; the target `paper` also makes results/report.html when it ends

TABLES = {  # of the paper, and those that its claims are judged by
    "mass": ["csv"],
    "radio": ["csv"],
    "table1": ["csv", "tex", "html"],
    "table2_printed": ["csv"],
    "table2_growth": ["csv"],
    "tiny": ["csv", "html"],
    "geometry": ["csv", "tex", "html"],
    "filter": ["csv"],
    "warping": ["csv", "tex", "html"],
    "inpainting": ["csv", "tex", "html"],
}
LOOK = Path(workflow.basedir, "workflow", "report")
REPORT = ["--report", "results/report.html", "--report-metadata", f"{LOOK}/first_page.yaml"]
REPORT += ["--report-stylesheet", f"{LOOK}/report.css", "--nolock", "--quiet", "all"]
FIGURES = [
    *["fig03", "fig04", "fig05", "fig06", "fig07", "fig08", "fig08_geometry", "fig09", "fig09_trace", "fig10"],
    *["figS01", "figS02", "figS03", "figS04", "figS05"],
]


rule verdicts:
    input:
        tables=[f"results/tables/{name}.csv" for name in TABLES],
        probes=expand("results/probes/{probe}.csv", probe=["shift", "rotation", "resolution"]),
    output:
        page=report(
            "results/tables/verdicts.html",
            caption="../report/verdicts.rst",
            category="Claims of the paper",
            labels={"shows": "verdicts: the table"},
        ),
        table=report(
            "results/tables/verdicts.csv",
            caption="../report/verdicts.rst",
            category="Claims of the paper",
            labels={"shows": "verdicts"},
        ),
    log:
        "results/logs/verdicts.log",
    benchmark:
        "results/benchmarks/verdicts.tsv"
    group:
        "products"
    conda:
        "../../envs/lofi.yaml"
    threads: 1
    resources:
        **cpu(config),
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        scale=config["scale"],
        code=fingerprint("workflow.claims"),
    script:
        "../scripts/verdicts.py"


use rule runtimes as paper_runtimes with:
    input:
        rules.all.input,
        rules.verdicts.output,
        rules.table2.input,
        [f"results/tables/{name}.{form}" for name, forms in TABLES.items() for form in forms],
        expand("results/figures/{figure}.{form}", figure=FIGURES, form=["pdf", "png"]),
    output:
        report(
            "results/tables/paper_runtimes.csv",
            caption="../report/runtimes.rst",
            category="Run times",
            labels={"shows": "run times by rule, of the whole paper"},
        ),
    log:
        "results/logs/paper_runtimes.log",
    benchmark:
        "results/benchmarks/paper_runtimes.tsv"


use rule results_page as paper_results_page with:
    input:
        rules.paper_runtimes.input,
        rules.paper_runtimes.output,
        rules.results_page.output,
    output:
        "results/paper_results.md",
    log:
        "results/logs/paper_results_page.log",
    benchmark:
        "results/benchmarks/paper_results_page.tsv"


rule paper:
    input:
        rules.paper_runtimes.input,
        rules.paper_runtimes.output,
        rules.paper_results_page.output,


onsuccess:
    if "paper" in workflow.dag_settings.targets:
        subprocess.run([sys.executable, "-m", "snakemake", *sys.argv[1:], *REPORT], check=True)
