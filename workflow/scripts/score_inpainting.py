"""Scores of one method of in-painting: one row per picture, over all its pixels."""

import numpy as np
import pandas as pd

from lofi import metrics
from lofi.io import hdf5
from lofi.io.atomic import replacing
from workflow.job import job


def score_inpainting(*, problem, images, output, inpainting, method):
    record, truth = hdf5.read(problem, "truth")
    about, estimates, seconds = hdf5.read(images, "images", "seconds")
    if about["problem"] != record["fingerprint"]:
        raise ValueError(f"{images} was made from other pictures than those of {problem}; remove it and run again")
    rows = []
    for i, (estimate, true) in enumerate(zip(estimates, truth, strict=True)):
        if not np.isfinite(estimate).all():
            raise ValueError(f"picture {i} that {method} filled in contains NaN or inf")
        row = {"inpainting": inpainting, "kept": record["kept"], "method": method}
        row |= {"split": record["splits"][i], "picture": record["pictures"][i]}
        rows.append(row | metrics.measured(("rmse", "psnr", "ssim"), estimate, true) | {"seconds": seconds[i]})
    with replacing(output) as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False)


with job(snakemake):
    score_inpainting(
        problem=snakemake.input.problem,
        images=snakemake.input.images,
        output=snakemake.output[0],
        inpainting=snakemake.wildcards.inpainting,
        method=snakemake.wildcards.fill,
    )
