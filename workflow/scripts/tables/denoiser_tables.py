"""Means and standard errors of the scores of denoisers: one row per model, split and noise level."""

from pathlib import Path

import pandas as pd

from lofi.io.atomic import replacing
from workflow.job import run

MEASURES = ["psnr", "gain", "rmse_sigma"]


def denoiser_tables(*, scores: list[Path], table: Path) -> None:
    rows = pd.concat([pd.read_csv(path) for path in scores])
    groups = rows.groupby(["model", "split", "level"], sort=False)
    means = groups[MEASURES]
    rows = pd.concat([means.mean(), means.sem().add_suffix("_se"), groups.size().rename("n_images")], axis=1)
    with replacing(table) as temporary:
        rows.reset_index().to_csv(temporary, index=False, float_format="%.6g")


if __name__ == "__main__":
    run(snakemake, denoiser_tables)
