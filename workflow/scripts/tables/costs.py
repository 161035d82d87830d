"""What training costs: cells, their growth with resolution, and the table as it is printed."""

from workflow.cost_tables import growth, read, wide
from workflow.drawing import label
from workflow.job import job
from workflow.score_tables import write_latex, write_tables


def costs(*, cells, table, growing, printed, tex, page, heading):
    rows = read(cells)
    summary = wide(rows, label)
    tables = {
        printed: ("Peak memory / time of an epoch", summary),
        growing: ("Growth with resolution", growth(rows)),
        table: ("Every cell", rows),
    }
    write_tables(tables, page, heading)
    write_latex(tex, summary.replace("^>", "$>$", regex=True), words=summary)


with job(snakemake):
    costs(
        cells=snakemake.input,
        table=snakemake.output.table,
        growing=snakemake.output.growth,
        printed=snakemake.output.printed,
        tex=snakemake.output.tex,
        page=snakemake.output.page,
        heading=f"Costs of training: {snakemake.wildcards.cost}",
    )
