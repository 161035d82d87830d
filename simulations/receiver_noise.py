"""Noise of simulated visibilities (docs/conventions.md, Radio interferometry)."""

import numpy as np
from numpy.typing import ArrayLike

from lofi.data.noise import complex_noise


def sigma_from_snr(visibilities: ArrayLike, snr_db: float) -> float:
    """Noise of the real part at a signal-to-noise ratio: `10^(−snr_db/20) ‖V‖₂ / √(2M)`, in Jy.

    Parameters
    ----------
    visibilities : complex (M,), free of noise, not all 0.
    snr_db : finite.
    """
    visibilities = np.asarray(visibilities)
    norm = np.linalg.norm(visibilities)
    if not np.isfinite(snr_db):
        raise ValueError(f"snr_db is {snr_db}; expected a finite number")
    if not (np.isfinite(norm) and norm > 0):
        raise ValueError(f"the norm of the visibilities is {norm}; expected a positive number")
    return float(10.0 ** (-snr_db / 20) * norm / np.sqrt(2 * visibilities.size))


def sigma_from_sefd(sefd_jy: float, bandwidth_hz: float, dump_seconds: float) -> float:
    """Noise of the real part of a Stokes I visibility, the mean of two hands: `SEFD / (2 √(Δν τ))`, in Jy.

    One hand has `SEFD / √(2 Δν τ)` (Thompson, Moran & Swenson, eq. 6.50); all parameters > 0.
    """
    for key, value in (("sefd_jy", sefd_jy), ("bandwidth_hz", bandwidth_hz), ("dump_seconds", dump_seconds)):
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{key} is {value}; expected a positive number")
    return float(sefd_jy / (2 * np.sqrt(bandwidth_hz * dump_seconds)))


def add_noise(visibilities: ArrayLike, sigma: ArrayLike, rng: np.random.Generator) -> np.ndarray:
    """Visibilities with white Gaussian noise, `sigma` (scalar or (M,), Jy) in the real and in the imaginary part."""
    if not (np.isfinite(sigma).all() and np.all(np.asarray(sigma) > 0)):
        raise ValueError("sigma must be positive and finite")
    visibilities = np.asarray(visibilities)
    return (visibilities + complex_noise(sigma, rng, visibilities.shape)).astype(visibilities.dtype)
