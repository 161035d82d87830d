"""Fetch the files of one data set, one after the other; what is there already is only checked."""

import csv
from pathlib import Path

from lofi.io.atomic import replacing
from workflow.downloads import items, obtain
from workflow.job import run


def fetch(*, download: dict, fetched: Path) -> None:
    rows, project = [], fetched.parents[2]  # of data/fetched/NAME.csv
    for item in items(download):
        path = Path(download["folder"], item.path)
        rows.append([path.relative_to(project), obtain(item, download["folder"]), path.stat().st_size, item.url])
    with replacing(fetched) as path, path.open("w", newline="") as file:
        csv.writer(file).writerows([["path", "sha256", "bytes", "url"], *rows])


if __name__ == "__main__":
    run(snakemake, fetch)
