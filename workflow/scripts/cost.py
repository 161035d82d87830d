"""The cost of training one network at one resolution."""

import csv

from lofi.io.atomic import replacing
from workflow.costs import COLUMNS, measure
from workflow.job import job


def cost(*, output, **cell):
    row = measure(**cell)
    with replacing(output) as path, path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerow(row)


with job(snakemake):
    cost(
        output=snakemake.output[0],
        name=snakemake.wildcards.model,
        description=snakemake.params.description,
        pixels=int(snakemake.wildcards.pixels),
        cost=snakemake.params.cost,
        device=snakemake.params.device,
        threads=snakemake.threads,
    )
