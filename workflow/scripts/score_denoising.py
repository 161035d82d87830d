"""Scores of one denoiser on every evaluation split: one row per image and noise level."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.io import stack
from lofi.io.atomic import replacing
from workflow.job import run


def score_denoising(*, data: list[Path], reconstructions: list[Path], scores: Path, model: str) -> None:
    """Estimates and noisy images count as 0 where they are negative; the PSNR is that of a peak of 1."""
    rows = []
    for split, paths in stack.by_folder(data).items():
        _, observed, truth = stack.read(paths, "observed", "truth")
        _, estimates = stack.read(reconstructions, split)
        seen = {}
        for (noisy, noise), estimate, true in zip(observed, estimates[:, 0], truth[:, 0], strict=True):
            level = float(noise[0, 0])
            image = seen[level] = seen.get(level, -1) + 1
            error, noisy_error = (_rmse(guess, true) for guess in (estimate, noisy))
            rows.append(
                {
                    "model": model,
                    "split": split,
                    "image": image,
                    "level": float(f"{level:.6g}"),
                    "psnr": -20 * np.log10(error),
                    "gain": 20 * np.log10(noisy_error / error),
                    "rmse_sigma": error / level,
                }
            )
    with replacing(scores) as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False)


def _rmse(estimate, truth):
    if not np.isfinite(estimate).all():
        raise ValueError("the image to be scored contains NaN or inf")
    return np.sqrt(np.mean((estimate.clip(min=0).astype(np.float64) - truth) ** 2))


if __name__ == "__main__":
    run(snakemake, score_denoising)
