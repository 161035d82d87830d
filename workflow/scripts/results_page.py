"""The page of results of a run."""

from datetime import UTC, datetime
from pathlib import Path

from lofi.io.atomic import replacing
from workflow.job import run
from workflow.machine import machine
from workflow.results_page import page_of


def results_page(*, scale: str, page: Path) -> None:
    newest = max(path.stat().st_mtime for path in page.parent.glob("tables/*.csv"))
    facts = {"date": f"{datetime.fromtimestamp(newest, UTC):%Y-%m-%d}", "scale": scale} | machine()
    with replacing(page) as path:
        path.write_text(page_of(page.parent, facts), encoding="utf-8")


if __name__ == "__main__":
    run(snakemake, results_page)
