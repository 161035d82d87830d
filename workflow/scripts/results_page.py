"""The page of results of a run."""

from datetime import UTC, datetime
from pathlib import Path

from lofi.io.atomic import replacing
from workflow.job import run
from workflow.machine import machine
from workflow.results_page import page_of


def results_page(*, scale: str, page: Path) -> None:
    newest = max(path.stat().st_mtime for path in page.parent.glob("tables/*.csv"))
    dates = {"newest table": datetime.fromtimestamp(newest, UTC), "page written": datetime.now(UTC)}
    facts = {"scale": scale} | {name: f"{date:%Y-%m-%d}" for name, date in dates.items()} | machine()
    with replacing(page) as path:
        path.write_text(page_of(page.parent, facts), encoding="utf-8")


if __name__ == "__main__":
    run(snakemake, results_page)
