"""The page of results of a run, and its two headline tables for the report."""

from datetime import UTC, datetime
from pathlib import Path

from lofi.io.atomic import replacing
from workflow.job import job
from workflow.machine import machine
from workflow.results_page import headlines, results_page


def write_results_page(*, run, scale, page, tables):
    run = Path(run)
    newest = max(path.stat().st_mtime for path in run.glob("tables/*.csv"))
    facts = {"date": f"{datetime.fromtimestamp(newest, UTC):%Y-%m-%d}", "scale": scale} | machine()
    for path, text in [(page, results_page(run, facts)), (tables, headlines(run))]:
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")


with job(snakemake):
    write_results_page(
        run=snakemake.params.run,
        scale=snakemake.params.scale,
        page=snakemake.output.page,
        tables=snakemake.output.headlines,
    )
