"""Scores of one method on one inversion: one row per problem, that is per sky and noise seed."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.image_scores import band_snr, image_scores
from lofi.io import stack
from lofi.io.atomic import replacing
from simulations.radio_observation import read_observation
from workflow.job import run


def score_inversion(
    *, observation: Path, images: list[Path], traces: list[Path], scores: Path, trace: Path, inversion: str, method: str
) -> None:
    """`images`, `traces`: one file of each part of the problems. `trace`: CSV of all traces."""
    observed = read_observation(observation)
    _, reconstructions, seconds = stack.read(images, "images", "seconds")
    measurement = observed.measurement()
    (residuals,), chi2 = measurement.residual(reconstructions, measurement.natural)
    longest_baseline = np.hypot(observed.x, observed.y).max()
    rows = []
    for problem, reconstruction in enumerate(reconstructions):
        image = observed.image[problem]
        truth = observed.truth[image]
        residual = residuals[problem] / measurement.noise[problem]
        rows.append(
            {
                "inversion": inversion,
                "method": method,
                "problem": problem,
                "image": image,
                "noise_seed": observed.noise_seed[problem],
                "kind": observed.kinds[image],
                **image_scores(reconstruction, truth),
                "chi2": chi2[problem],
                "seconds": seconds[problem],
                "residual_rms": np.sqrt(np.mean(residual**2)),
                "residual_max": np.abs(residual).max(),
                **band_snr(reconstruction, truth, longest_baseline),
            }
        )
    steps = pd.concat([pd.read_csv(path) for path in traces])
    for table, target in ((pd.DataFrame(rows), scores), (steps, trace)):
        with replacing(target) as temporary:
            table.to_csv(temporary, index=False)


if __name__ == "__main__":
    run(snakemake, score_inversion)
