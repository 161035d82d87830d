"""Time and memory of all jobs, summed up by rule."""

import csv
from pathlib import Path

from lofi.io.atomic import replacing
from workflow.job import run
from workflow.runtimes import measured, summary


def runtimes(*, benchmarks: str, table: Path) -> None:
    rows = summary({path: one for path, one in measured(benchmarks).items() if one.rule != table.stem})
    if not rows:
        raise ValueError(f"{benchmarks} holds no run times")
    with replacing(table) as path, path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    run(snakemake, runtimes)
