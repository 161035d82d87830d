"""The cost of training one network at one resolution."""

import csv
from pathlib import Path

from lofi.io.atomic import replacing
from workflow.costs import COLUMNS, measure
from workflow.job import run


def cost(*, cell: Path, model: str, pixels: int, description: dict, cost: dict, device: str, threads: int) -> None:
    row = measure(model, description, pixels, cost, device, threads)
    with replacing(cell) as path, path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerow(row)


if __name__ == "__main__":
    run(snakemake, cost)
