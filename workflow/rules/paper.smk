# INPUTS   every table and figure; benchmarks/
# OUTPUTS  tables/{verdicts,runtimes,paper_runtimes}.*; the target `paper` also makes report.html when it ends

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
LOOK = PROJECT / "workflow/report"
REPORT = ["--report-metadata", f"{LOOK}/first_page.yaml", "--report-stylesheet", f"{LOOK}/report.css"]
REPORT += ["--nolock", "--quiet", "all", "--report"]
FIGURES = [
    *["fig03", "fig04", "fig05", "fig06", "fig07", "fig08", "fig08_geometry", "fig09", "fig09_trace", "fig10"],
    *["figS01", "figS02", "figS03", "figS04", "figS05"],
]


rule verdicts:
    """Judge the claims of the paper by the tables of this run."""
    input:
        tables=[*(f"tables/{name}.csv" for name in TABLES), *length_table(config)],
        probes=expand("probes/{probe}.csv", probe=["shift", "rotation", "resolution"]),
    output:
        page=reported("tables/verdicts.html", "verdicts", "Claims of the paper", "verdicts: the table"),
        table=reported("tables/verdicts.csv", "verdicts", "Claims of the paper", "verdicts"),
    group:
        "products"
    resources:
        **grouped(1000, 10),
    params:
        scale=config["scale"],
    script:
        "../scripts/verdicts.py"


use rule runtimes as paper_runtimes with:
    input:
        rules.mass.input,
        rules.radio.input,
        rules.observations.input,
        rules.runtimes.output,
        rules.verdicts.output,
        rules.table2.input,
        [f"tables/{name}.{form}" for name, forms in TABLES.items() for form in forms],
        expand("figures/{figure}.{form}", figure=FIGURES, form=["pdf", "png"]),
    output:
        table=reported("tables/paper_runtimes.csv", "runtimes", "Run times", "run times by rule, of the whole paper"),


use rule results_page as paper_results_page with:
    input:
        rules.paper_runtimes.input,
        rules.paper_runtimes.output,
        rules.results_page.output,
    output:
        page="paper_results.md",


rule paper:
    """Every figure and table of the paper."""
    input:
        rules.paper_runtimes.input,
        rules.paper_runtimes.output,
        rules.paper_results_page.output,
        rules.opening.output,


onsuccess:
    if "paper" in workflow.dag_settings.targets:
        command = [PYTHON, "-m", "snakemake", *sys.argv[1:], *REPORT, str(Path("report.html").absolute())]
        subprocess.run(command, cwd=workflow.workdir_init, check=True)
