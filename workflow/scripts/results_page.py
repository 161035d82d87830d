"""The page of results of a run."""

from datetime import UTC, datetime
from pathlib import Path

from lofi.io.atomic import replacing
from workflow.job import job
from workflow.machine import machine
from workflow.results_page import results_page


def write_results_page(*, run, scale, output):
    run = Path(run)
    newest = max(path.stat().st_mtime for path in run.glob("tables/*.csv"))
    facts = {"date": f"{datetime.fromtimestamp(newest, UTC):%Y-%m-%d}", "scale": scale} | machine()
    with replacing(output) as path:
        path.write_text(results_page(run, facts), encoding="utf-8")


with job(snakemake):
    write_results_page(run=snakemake.params.run, scale=snakemake.params.scale, output=snakemake.output[0])
