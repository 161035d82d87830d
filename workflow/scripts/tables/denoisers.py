"""Means and standard errors of the scores of denoisers: one row per model, split and noise level."""

import pandas as pd

from lofi.io.atomic import replacing
from workflow.job import job

MEASURES = ["psnr", "gain", "rmse_sigma"]


def denoisers(*, scores, output):
    rows = pd.concat([pd.read_csv(path) for path in scores])
    groups = rows.groupby(["model", "split", "level"], sort=False)
    means = groups[MEASURES]
    table = pd.concat([means.mean(), means.sem().add_suffix("_se"), groups.size().rename("n_images")], axis=1)
    with replacing(output) as temporary:
        table.reset_index().to_csv(temporary, index=False, float_format="%.6g")


with job(snakemake):
    denoisers(scores=snakemake.input, output=snakemake.output[0])
