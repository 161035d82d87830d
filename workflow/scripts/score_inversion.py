"""Scores of one method on one inversion: one row per problem, that is per sky and noise seed."""

import numpy as np
import pandas as pd

from lofi.image_scores import band_snr, image_scores
from lofi.io import hdf5
from lofi.io.atomic import replacing
from simulations.interferometer.measurement import measure
from workflow.job import job


def score_inversion(*, observation, images, output, inversion, method):
    record, truth, image, noise_seed, x, y, sigma, scale, visibilities = hdf5.read(
        observation, "truth", "image", "noise_seed", "x", "y", "sigma", "scale", "visibilities"
    )
    _, estimates, seconds = hdf5.read(images, "images", "seconds")
    measurement = measure(x, y, visibilities, sigma, truth.shape[1:], scale)
    chi2 = measurement.chi2(estimates)
    edge = np.hypot(x, y).max()  # the longest baseline
    rows = []
    for problem, estimate in enumerate(estimates):
        true = truth[image[problem]]
        missing = visibilities[problem] - measurement.operator.forward(estimate)
        residual = measurement.operator.dirty(missing, measurement.weights) / measurement.noise[problem]
        rows.append(
            {
                "inversion": inversion,
                "method": method,
                "problem": problem,
                "image": image[problem],
                "noise_seed": noise_seed[problem],
                "kind": record["kinds"][image[problem]],
                **image_scores(estimate, true),
                "chi2": chi2[problem],
                "seconds": seconds[problem],
                "residual_rms": np.sqrt(np.mean(residual**2)),
                "residual_max": np.abs(residual).max(),
                **band_snr(estimate, true, edge),
            }
        )
    with replacing(output) as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False)


with job(snakemake):
    score_inversion(
        observation=snakemake.input.observation,
        images=snakemake.input.images,
        output=snakemake.output[0],
        inversion=snakemake.wildcards.inversion,
        method=snakemake.wildcards.method,
    )
