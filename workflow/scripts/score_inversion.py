"""Scores of one method on one inversion: one row per problem, that is per sky and noise seed."""

import numpy as np
import pandas as pd

from lofi.image_scores import band_snr, image_scores
from lofi.io import hdf5, stack
from lofi.io.atomic import replacing
from lofi.radio.measurement import measure
from workflow.job import job


def score_inversion(*, observation, images, traces, output, trace, inversion, method):
    """`images`, `traces`: one file of each part of the problems. `trace`: CSV of all traces."""
    record, truth, image, noise_seed, x, y, sigma, scale, visibilities = hdf5.read(
        observation, "truth", "image", "noise_seed", "x", "y", "sigma", "scale", "visibilities"
    )
    _, estimates, seconds = stack.read(images, "images", "seconds")
    measurement = measure(x, y, visibilities, sigma, truth.shape[1:], scale)
    missing = measurement.missing(estimates)
    chi2 = measurement.chi2(missing)
    edge = np.hypot(x, y).max()  # the longest baseline
    rows = []
    for problem, estimate in enumerate(estimates):
        true = truth[image[problem]]
        residual = measurement.operator.dirty(missing[problem], measurement.weights) / measurement.noise[problem]
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
    steps = pd.concat([pd.read_csv(path) for path in traces])
    for table, target in ((pd.DataFrame(rows), output), (steps, trace)):
        with replacing(target) as temporary:
            table.to_csv(temporary, index=False)


with job(snakemake):
    score_inversion(
        observation=snakemake.input.observation,
        images=snakemake.input.images,
        traces=snakemake.input.traces,
        output=snakemake.output.scores,
        trace=snakemake.output.trace,
        inversion=snakemake.wildcards.inversion,
        method=snakemake.wildcards.method,
    )
