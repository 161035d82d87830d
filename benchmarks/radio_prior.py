"""How well does a prior reconstruct given skies through given baselines? SNR and log SNR, a line for each case; CSV.

python benchmarks/radio_prior.py --skies SKY.fits… --coverages UV.npz… [--priors NAME|FOLDER…] [--precisions exact fast]
                                 [--seeds N] [--snr-db DB] [--output FILE.csv]

A sky is scaled to 0…1; one that is not square is resampled to the square of its shorter side. Coverages as the
configuration's `uv_file`. With several priors or precisions they take turns on the same visibilities.
"""

import argparse
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Case:
    """One sky (H, W) seen through baselines x, y (M,), radians per pixel, with one draw of the noise."""

    truth: np.ndarray
    x: np.ndarray
    y: np.ndarray
    snr_db: float
    name: tuple

    def measurement(self):
        """Its `lofi.radio.measurement.Measurement`."""
        from lofi.radio.measurement import flat_part, measure
        from lofi.radio.operator import VisibilityOperator
        from lofi.seeds import stream
        from simulations.receiver_noise import add_noise, sigma_from_snr

        noiseless = VisibilityOperator(self.x, self.y, self.truth.shape).forward(self.truth)
        sigma = sigma_from_snr(noiseless, self.snr_db)
        visibilities = add_noise(noiseless, sigma, stream("benchmark", *self.name))
        part = flat_part(self.x, self.y, visibilities[None], np.ones(len(self.x)), self.truth.shape)
        return measure([part], self.truth.shape, np.array([sigma]))


def read_sky(path):
    """Image (N, N) from 0 to 1 of a FITS file."""
    from astropy.io import fits
    from scipy.ndimage import zoom

    sky = np.squeeze(fits.getdata(path)).astype(np.float64)
    side = min(sky.shape)
    if sky.shape != (side, side):
        sky = zoom(sky, [side / length for length in sky.shape], order=3, mode="reflect", grid_mode=True)
    return (sky - sky.min()) / np.ptp(sky)


def score(case, denoiser, seed):
    """A line of the table."""
    from lofi.image_scores import image_scores
    from lofi.radio.reconstruction import reconstruct, schedule_of

    start = time.process_time()
    result = reconstruct(case.measurement(), denoiser, schedule_of(None), seed)
    scores = image_scores(result.images[0].numpy(), case.truth)
    return {
        "snr": round(float(scores["snr"]), 3),
        "logsnr": round(float(scores["logsnr"]), 3),
        "chi2": round(result.trace[-1]["chi2"], 4),
        "iterations": result.trace[-1]["iteration"],
        "cpu_s": round(time.process_time() - start, 1),
    }


def main():
    """All cases; the file grows by a line for each."""
    import pandas as pd
    import torch

    from lofi.io.checkpoint import load_denoiser
    from lofi.models.precision import with_precision
    from lofi.priors.shipped import find
    from lofi.radio.coverage import read_coverage

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skies", nargs="+", required=True, type=Path, metavar="FITS")
    parser.add_argument("--coverages", nargs="+", required=True, type=Path, metavar="NPZ")
    parser.add_argument("--priors", nargs="+", default=["radio"], metavar="NAME|FOLDER")
    parser.add_argument("--precisions", nargs="+", default=["exact"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--snr-db", type=float, default=30.0)
    parser.add_argument("--output", default="radio_prior.csv")
    options = parser.parse_args()
    torch.set_num_threads(1)
    denoisers = {name: load_denoiser(find(name, "denoising"))[0] for name in options.priors}
    lines = []
    for path, uv_file, seed in product(options.skies, options.coverages, range(options.seeds)):
        x, y = read_coverage(uv_file)
        case = Case(read_sky(path), x, y, options.snr_db, (path.stem, uv_file.stem, seed))
        for (prior, denoiser), precision in product(denoisers.items(), options.precisions):
            named = {"sky": path.stem, "coverage": uv_file.stem, "seed": seed, "prior": prior, "precision": precision}
            lines.append(named | score(case, with_precision(denoiser, precision)[0], seed))
            print(*lines[-1].values(), flush=True)
            pd.DataFrame(lines).to_csv(options.output, index=False)
    means = ["snr", "logsnr", "iterations", "cpu_s"]
    print(pd.DataFrame(lines).groupby(["prior", "precision", "sky", "coverage"])[means].mean().round(2).to_string())


if __name__ == "__main__":
    main()
