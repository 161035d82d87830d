# INPUTS   config: figures.length, experiments.ldct.curves; tables/table1.csv, models/ldct/* of a shorter run and of this one
# OUTPUTS  tables/length.{csv,html}, tables/length_verdict.csv, figures/length.*

if "length" in sys.argv:  # before anything is planned, whose message would only list the files
    try:
        check_lengths(config)
    except ValueError as error:
        raise WorkflowError(str(error)) from None


rule length:
    """Low-dose CT after longer training, beside the usual one."""
    input:
        expand("tables/length{kind}", kind=[".csv", ".html", "_verdict.csv"]),
        expand("figures/length.{form}", form=["pdf", "png"]),


tables(
    "length_tables",
    "Low-dose CT",
    "Table I after both lengths of training",
    {
        "page": ("length.html", "length", "Table I after both lengths of training"),
        "summary": ("length.csv", "length", "Table I after both lengths: all numbers"),
        "verdict": "length_verdict.csv",
    },
    **both_lengths(config, "table", "histories", "records"),
)

figure(
    "length_curves",
    "Low-dose CT",
    "low-dose CT while networks train longer",
    file="length",
    **both_lengths(config, "histories"),
    short_table=both_lengths(config, "table")["short_table"],
)
