"""Known skies seen through given baselines, with noise: what a reconstruction is judged by."""

from collections.abc import Sequence

import numpy as np

from lofi.radio.measurement import Measurement, flat_part, measure
from lofi.radio.operator import VisibilityOperator
from simulations.receiver_noise import add_noise, sigma_from_snr


def noisy_measurement(
    truth: np.ndarray, x: np.ndarray, y: np.ndarray, snr_db: Sequence[float], rng: np.random.Generator
) -> Measurement:
    """Skies (N, H, W), Jy/pixel, seen through baselines x, y (M,), radians per pixel, all of one weight.

    snr_db : (N,), of the visibilities of each sky (`simulations.receiver_noise.sigma_from_snr`).
    Raises ValueError as `sigma_from_snr`.
    """
    shape = truth.shape[-2:]
    noiseless = VisibilityOperator(x, y, shape).forward(truth)
    sigma = np.array([sigma_from_snr(each, decibel) for each, decibel in zip(noiseless, snr_db, strict=True)])
    noisy = np.stack([add_noise(each, scale, rng) for each, scale in zip(noiseless, sigma, strict=True)])
    return measure([flat_part(x, y, noisy, np.ones(len(x)), shape)], shape, sigma)
