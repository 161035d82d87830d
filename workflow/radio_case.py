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
from lofi.radio.measurement import Measurement
from lofi.radio.reconstruction import reconstruct
from lofi.seeds import stream
from lofi.solvers.admm import Schedule
from simulations.noisy_measurement import noisy_measurement


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
        return noisy_measurement(self.truth[None], self.x, self.y, [self.snr_db], stream(*self.name))


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
