"""The page that the report of a run opens on."""

from pathlib import Path

from lofi.io.atomic import replacing
from workflow.job import job
from workflow.opening import opening


def write_opening(*, run, output):
    with replacing(output) as path:
        path.write_text(opening(Path(run)), encoding="utf-8")


with job(snakemake):
    write_opening(run=snakemake.params.run, output=snakemake.output[0])
