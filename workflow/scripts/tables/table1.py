"""Table I: PSNR and SSIM of every model on every split of slices, with standard errors; the printed table beside it."""

from pathlib import Path

import pandas as pd

from workflow.job import run
from workflow.score_tables import mean_scores, score_columns, write_latex, write_tables


def table1(*, scores: list[Path], paper: Path, summary: Path, printed: Path, latex: Path, page: Path) -> None:
    rows = pd.concat([pd.read_csv(path) for path in scores])
    table = mean_scores(rows, observed="FBP", counted="slices")
    tables = {
        summary: ("Made by this run: means and standard errors (_se) over slices", table),
        printed: (
            "Printed in the paper: other slices, larger networks; not made by this run",
            pd.read_csv(paper),
        ),
    }
    write_tables(tables, page, "Low-dose CT: Table I")
    write_latex(latex, table, ["method"], score_columns(rows["split"].unique()))


if __name__ == "__main__":
    run(snakemake, table1)
