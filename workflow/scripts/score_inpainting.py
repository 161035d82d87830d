"""Scores of one method of in-painting: one row per picture, over all its pixels."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi import metrics
from lofi.io import hdf5
from lofi.io.atomic import replacing
from workflow.job import run


def score_inpainting(*, problem: Path, images: Path, scores: Path, inpainting: str, fill: str) -> None:
    record, truth = hdf5.read(problem, "truth")
    about, estimates, seconds = hdf5.read(images, "images", "seconds")
    if about["problem"] != record["fingerprint"]:
        raise ValueError(f"{images} was made from other pictures than those of {problem}; remove it and run again")
    rows = []
    for i, (estimate, true) in enumerate(zip(estimates, truth, strict=True)):
        if not np.isfinite(estimate).all():
            raise ValueError(f"picture {i} that {fill} filled in contains NaN or inf")
        row = {"inpainting": inpainting, "kept": record["kept"], "method": fill}
        row |= {"split": record["splits"][i], "picture": record["pictures"][i]}
        rows.append(row | metrics.measured(("rmse", "psnr", "ssim"), estimate, true) | {"seconds": seconds[i]})
    with replacing(scores) as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False)


if __name__ == "__main__":
    run(snakemake, score_inpainting)
