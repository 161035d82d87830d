"""Time and memory of all jobs, summed up by rule."""

import csv

from lofi.io.atomic import replacing
from workflow.job import job
from workflow.runtimes import measured, summary


def runtimes(*, folder, rule, output):
    rows = summary({path: one for path, one in measured(folder).items() if one.rule != rule})
    if not rows:
        raise ValueError(f"{folder} holds no run times")
    with replacing(output) as path, path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


with job(snakemake):
    runtimes(folder=snakemake.params.folder, rule=snakemake.rule, output=snakemake.output[0])
