"""The page that the report of a run opens on."""

from pathlib import Path

from lofi.io.atomic import replacing
from workflow import opening as first_page
from workflow.job import run


def opening(*, page: Path) -> None:
    with replacing(page) as path:
        path.write_text(first_page.opening(page.parent), encoding="utf-8")


if __name__ == "__main__":
    run(snakemake, opening)
