"""Fetch the files of one data set, one after the other; what is there already is only checked."""

import csv
from pathlib import Path

from lofi.io.atomic import replacing
from workflow.downloads import items, obtain
from workflow.job import job


def fetch(*, download, output):
    rows = []
    for item in items(download):
        path = Path(download["folder"], item.path)
        rows.append([path, obtain(item, download["folder"]), path.stat().st_size, item.url])
    with replacing(output) as path, path.open("w", newline="") as file:
        csv.writer(file).writerows([["path", "sha256", "bytes", "url"], *rows])


with job(snakemake):
    fetch(download=snakemake.params.download, output=snakemake.output[0])
