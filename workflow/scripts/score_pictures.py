"""Scores of one model on every evaluation split of slices or photographs: one row per image."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi import metrics
from lofi.io import stack
from lofi.io.atomic import replacing
from simulations.tasks import scored_pixels
from workflow.job import run


def score_pictures(
    *, data: list[Path], reconstructions: list[Path], scores: Path, model: str, experiment: dict
) -> None:
    """Means are not removed; of a warped picture, what is observed counts alone (`scored_pixels`).

    The data range is max − min of each truth, over all its colours; the SSIM is the mean of the colours'.
    """
    rows = []
    for split, paths in stack.by_folder(data).items():
        _, truth = stack.read(paths, "truth")
        _, estimates = stack.read(reconstructions, split)
        shown = scored_pixels(experiment, truth.shape[-2:])
        for index, pair in enumerate(zip(estimates.astype(np.float64), truth.astype(np.float64), strict=True)):
            estimate, true = pair
            if not np.isfinite(estimate).all():
                raise ValueError(f"image {index} of {split} that {model} reconstructed contains NaN or inf")
            mask = np.broadcast_to(shown, true.shape)
            row = metrics.measured(("rmse", "psnr"), *pair, mask)
            colours, extent = zip(*pair, strict=True), np.ptp(true[mask])
            row["ssim"] = np.mean([metrics.similarity(*colour, extent)[shown].mean() for colour in colours])
            rows.append({"model": model, "split": split, "image": index} | row)
    with replacing(scores) as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False)


if __name__ == "__main__":
    run(snakemake, score_pictures)
