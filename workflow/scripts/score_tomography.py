"""Scores of one model on every evaluation split of tomographic slices: one row per slice."""

import numpy as np
import pandas as pd

from lofi import metrics
from lofi.io import stack
from lofi.io.atomic import replacing
from workflow.job import job


def score_tomography(*, data, reconstructions, output, model):
    """Means are not removed, nothing is masked; the data range is max − min of each truth."""
    rows = []
    for split, paths in stack.by_folder(data).items():
        _, truth = stack.read(paths, "truth")
        _, estimates = stack.read(reconstructions, split)
        everywhere = np.ones(truth.shape[-2:], dtype=bool)
        for index, (estimate, true) in enumerate(zip(estimates[:, 0], truth[:, 0], strict=True)):
            if not np.isfinite(estimate).all():
                raise ValueError(f"slice {index} of {split} that {model} reconstructed contains NaN or inf")
            pair = estimate.astype(np.float64), true.astype(np.float64), everywhere
            scores = {name: metrics.MEASURES[name](*pair) for name in ("rmse", "psnr", "ssim")}
            rows.append({"model": model, "split": split, "slice": index} | scores)
    with replacing(output) as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False)


with job(snakemake):
    score_tomography(
        data=snakemake.input.data,
        reconstructions=snakemake.input.reconstructions,
        output=snakemake.output[0],
        model=snakemake.wildcards.model,
    )
