"""Table I: PSNR and SSIM of every model on every split of slices, with standard errors; the printed table beside it."""

import pandas as pd

from workflow.job import job
from workflow.score_tables import mean_scores, score_columns, write_latex, write_tables


def table1(*, scores, printed, summary, printed_copy, latex, page):
    rows = pd.concat([pd.read_csv(path) for path in scores])
    table = mean_scores(rows, observed="FBP", counted="slices")
    tables = {
        summary: ("Made by this run: means and standard errors (_se) over slices", table),
        printed_copy: (
            "Printed in the paper: other slices, larger networks; not made by this run",
            pd.read_csv(printed),
        ),
    }
    write_tables(tables, page, "Low-dose CT: Table I")
    write_latex(latex, table, ["method"], score_columns(rows["split"].unique()))


with job(snakemake):
    table1(
        scores=snakemake.input.scores,
        printed=snakemake.input.printed,
        summary=snakemake.output.summary,
        printed_copy=snakemake.output.printed,
        latex=snakemake.output.latex,
        page=snakemake.output.page,
    )
