"""What training costs: cells, their growth with resolution, and the table as it is printed."""

from pathlib import Path

from workflow.cost_tables import growth_of, read, wide
from workflow.drawing import label
from workflow.job import run
from workflow.score_tables import write_latex, write_tables


def cost_tables(
    *, cells: list[Path], table: Path, growth: Path, printed: Path, latex: Path, page: Path, cost: str
) -> None:
    rows = read(cells)
    summary = wide(rows, label)
    tables = {
        printed: ("Peak memory / time of an epoch", summary),
        growth: ("Growth with resolution", growth_of(rows)),
        table: ("Every cell", rows),
    }
    write_tables(tables, page, f"Costs of training: {cost}")
    write_latex(latex, summary.replace("^>", "$>$", regex=True), words=summary)


if __name__ == "__main__":
    run(snakemake, cost_tables)
