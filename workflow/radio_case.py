"""A given sky seen through given baselines: its visibilities, and how well a denoiser reconstructs it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from scipy.ndimage import zoom
from torch import nn

from lofi.image_scores import image_scores
from lofi.radio.measurement import Measurement, flat_part, measure
from lofi.radio.operator import VisibilityOperator
from lofi.radio.reconstruction import reconstruct
from lofi.seeds import stream
from lofi.solvers.admm import Schedule
from simulations.receiver_noise import add_noise, sigma_from_snr


@dataclass(frozen=True, eq=False)
class RadioCase:
    """One sky (H, W) seen through baselines x, y (M,), radians per pixel, with one draw of the noise.

    snr_db : of the visibilities. name : of the random stream of the noise.
    """

    truth: np.ndarray
    x: np.ndarray
    y: np.ndarray
    snr_db: float
    name: Sequence[str | int]

    def measurement(self) -> Measurement:
        """Its noisy visibilities."""
        noiseless = VisibilityOperator(self.x, self.y, self.truth.shape).forward(self.truth)
        sigma = sigma_from_snr(noiseless, self.snr_db)
        visibilities = add_noise(noiseless, sigma, stream(*self.name))
        part = flat_part(self.x, self.y, visibilities[None], np.ones(len(self.x)), self.truth.shape)
        return measure([part], self.truth.shape, np.array([sigma]))


def read_sky(path: Path) -> np.ndarray:
    """Image (N, N) from 0 to 1 of a FITS file; others are resampled to the square of their shorter side."""
    sky = np.squeeze(fits.getdata(path)).astype(np.float64)
    side = min(sky.shape)
    if sky.shape != (side, side):
        sky = zoom(sky, [side / length for length in sky.shape], order=3, mode="reflect", grid_mode=True)
    return (sky - sky.min()) / np.ptp(sky)


def score(case: RadioCase, denoiser: nn.Module, seed: int, schedule: Schedule | None = None) -> dict[str, float]:
    """SNR and log SNR [dB], χ²/M, iterations and processor seconds of LoFi-ADMM; `seed`: of its own random numbers.

    schedule : None: the usual.
    """
    start = time.process_time()
    result = reconstruct(case.measurement(), denoiser, schedule or Schedule(), seed)
    scores = image_scores(result.images[0].numpy(), case.truth)
    return {
        "snr": round(float(scores["snr"]), 3),
        "logsnr": round(float(scores["logsnr"]), 3),
        "chi2": round(result.trace[-1]["chi2"], 4),
        "iterations": result.trace[-1]["iteration"],
        "cpu_s": round(time.process_time() - start, 1),
    }
