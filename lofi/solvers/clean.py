"""Högbom's CLEAN: point sources, one after the other (Högbom 1974)."""

import numpy as np


def hogbom(
    dirty: np.ndarray,
    psf: np.ndarray,
    noise: float,
    gain: float = 0.1,
    threshold: float = 3.0,
    max_iterations: int = 100_000,
) -> tuple[np.ndarray, np.ndarray, int]:
    """Components and residual of one dirty image; `dirty = components ∗ psf + residual`.

    Each iteration moves `gain` times the largest residual, positive or negative, into the components and subtracts
    as much of the PSF from the whole residual.

    Parameters
    ----------
    dirty : array (H, W), Jy/beam.
    psf : array (2H, 2W), peak 1 at (H, W).
    noise : theoretical noise of the dirty image, Jy/beam.
    threshold : the search ends when no residual exceeds this many times the noise.

    Returns
    -------
    components (H, W), Jy/pixel; residual (H, W), Jy/beam; iterations, `max_iterations` where cut short.
    """
    dirty, psf = np.asarray(dirty), np.asarray(psf)
    _check(dirty, psf, gain)
    height, width = dirty.shape
    psf = np.ascontiguousarray(psf, dtype=dirty.dtype)
    residual, components, beam = dirty.copy(), np.zeros_like(dirty), np.empty_like(dirty)
    flat = residual.reshape(-1)  # a view
    for iteration in range(max_iterations):
        highest, lowest = flat.argmax(), flat.argmin()
        place = highest if flat[highest] >= -flat[lowest] else lowest
        if abs(flat[place]) <= threshold * noise:
            return components, residual, iteration
        row, column = divmod(int(place), width)
        flux = gain * flat[place]
        components[row, column] += flux
        around = psf[height - row : 2 * height - row, width - column : 2 * width - column]
        np.multiply(around, flux, out=beam)
        residual -= beam
    return components, residual, max_iterations


def _check(dirty, psf, gain):
    if dirty.ndim != 2 or psf.shape != (2 * dirty.shape[0], 2 * dirty.shape[1]):
        raise ValueError(f"CLEAN: the dirty image is {dirty.shape}, the PSF {psf.shape}; expected (H, W), (2H, 2W)")
    if not np.isfinite(dirty).all() or not np.isfinite(psf).all():
        raise ValueError("CLEAN: the dirty image or the PSF contains NaN or inf")
    if not 0 < gain <= 1:
        raise ValueError(f"CLEAN: gain is {gain}; expected a value in (0, 1]")
