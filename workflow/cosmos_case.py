"""A sky of κTNG as COSMOS would see it: its noisy shear, and how far a map is from the truth (Remy et al. 2023)."""

from pathlib import Path

import numpy as np
from astropy.io import fits

from lofi.lensing.kaiser_squires import shear_from_convergence
from lofi.lensing.shear_map import BinnedShear
from lofi.lensing.tangent_plane import tangent_wcs

PIXEL = 300 / 1024  # arcmin


def observe(
    kappa: Path, noise_1: Path, noise_2: Path, mask: Path, rng: np.random.Generator
) -> tuple[BinnedShear, np.ndarray]:
    """The shear of FITS images (N, N), with a draw of the noise of each component; and the true convergence.

    The sky is periodic. Nothing is known where `mask` is 0.
    """
    truth, first, second, seen = (fits.getdata(path).astype(float) for path in (kappa, noise_1, noise_2, mask))
    seen = seen > 0
    noise = first * rng.standard_normal(truth.shape) + 1j * (second * rng.standard_normal(truth.shape))
    gamma = np.where(seen, shear_from_convergence(truth) + noise, 0.0)
    sigma = np.where(seen, np.sqrt((first**2 + second**2) / 2), np.inf)
    return BinnedShear(gamma, sigma, seen, None, None, PIXEL, tangent_wcs((150.0, 2.0), PIXEL, truth.shape)), truth


def scores_of(convergence: np.ndarray, truth: np.ndarray, seen: np.ndarray) -> dict[str, float]:
    """RMSE of a map without its mean, and Pearson's r, over the pixels that were seen."""
    return {
        "rmse": float((convergence - truth)[seen].std()),
        "r": float(np.corrcoef(convergence[seen], truth[seen])[0, 1]),
    }
