"""A tiny interferometer by direct Fourier sums, dense matrices in float64: what the fast code must agree with."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Measurement:
    """Visibilities of `batch` skies; see docs/conventions.md for the names."""

    shape: tuple
    matrix: np.ndarray  # A, (M, H W) complex
    weights: np.ndarray  # W, (M,), sum 1
    psf: np.ndarray  # (2H, 2W)
    normal: np.ndarray  # H = Re A* W A, (H W, H W)
    sky: np.ndarray  # (B, H, W)
    visibilities: np.ndarray  # (B, M) with noise
    sigma: float
    dirty: np.ndarray  # (B, H, W)
    noise: np.ndarray  # (B,) theoretical noise of the dirty image
    power: np.ndarray  # (B,) sum W |y|²


def phases(x, y, shape, centre):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return x[:, None] * (columns.ravel() - centre[1]) + y[:, None] * (rows.ravel() - centre[0])


def measurement(shape, visibilities=60, batch=3, sigma=0.1, uniform=True, seed=0):
    """Random points (radians per pixel), denser towards the origin; natural weights or, not `uniform`, random ones."""
    rng = np.random.default_rng(seed)
    height, width = shape
    x, y = rng.uniform(-1, 1, (2, visibilities)) ** 3 * np.pi
    weights = np.ones(visibilities) if uniform else rng.uniform(0.1, 1, visibilities)
    weights /= weights.sum()
    matrix = np.exp(-1j * phases(x, y, shape, (height // 2, width // 2)))
    psf = (weights @ np.cos(phases(x, y, (2 * height, 2 * width), shape))).reshape(2 * height, 2 * width)
    psf[0], psf[:, 0] = 0, 0
    sky = rng.uniform(0, 1, (batch, *shape)) ** 4
    noise = sigma * (rng.standard_normal((batch, visibilities)) + 1j * rng.standard_normal((batch, visibilities)))
    data = sky.reshape(batch, -1) @ matrix.T + noise
    return Measurement(
        shape=shape,
        matrix=matrix,
        weights=weights,
        psf=psf,
        normal=(matrix.conj().T @ (weights[:, None] * matrix)).real,
        sky=sky,
        visibilities=data,
        sigma=sigma,
        dirty=((weights * data) @ matrix.conj()).real.reshape(sky.shape),
        noise=np.full(batch, np.sqrt((weights**2).sum()) * sigma),
        power=(np.abs(data) ** 2) @ weights,
    )
