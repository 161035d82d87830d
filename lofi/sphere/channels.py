"""What a network sees of a survey of the sphere: linear images of its shear, known at any position."""

from collections.abc import Mapping

import numpy as np
from scipy.interpolate import CubicSpline

from lofi.sphere.filters import gaussian_beam
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.lensing import kaiser_squires
from lofi.sphere.pixels import pixel_arcmin

NODES = 60  # of the tabulated spectrum
SMOOTHING = 1.0  # pixels, of the precision: its edges must be as smooth as the grid of a tile can hold


def tabulated(power: np.ndarray) -> dict[str, list]:
    """A spectrum C_ℓ (lmax + 1,) [sr] at a few ℓ from 2, as a record can hold it: {ell: [...], power: [...]}."""
    lmax = len(power) - 1
    ell = np.unique(np.geomspace(2, lmax, NODES).round().astype(int))
    return {"ell": ell.tolist(), "power": [float(value) for value in power[ell]]}


def spectrum_of(table: Mapping[str, list], lmax: int) -> np.ndarray:
    """C_ℓ (lmax + 1,) [sr] of a table, its last slope beyond it; 0 for ℓ < 2."""
    ell, power = (np.log(np.asarray(table[key], dtype=float)) for key in ("ell", "power"))
    wanted = np.log(np.arange(2.0, lmax + 1))
    inside = CubicSpline(ell, power)(np.minimum(wanted, ell[-1]))
    slope = (power[-1] - power[-2]) / (ell[-1] - ell[-2])
    return np.concatenate([np.zeros(2), np.exp(inside + slope * np.maximum(wanted - ell[-1], 0.0))])


def channels(
    harmonics: Harmonics, gamma: np.ndarray, noise_std: np.ndarray, wiener: np.ndarray, nominal: float
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (3, n) of the channels that a network reads (`lofi.sphere.pixels`), and of the B mode (n,).

    kappa_wiener : the Wiener-filtered convergence, as given.
    kappa_e : the Kaiser–Squires map.
    precision : (nominal noise / noise)², smoothed by a Gaussian of a pixel; 0 where masked.

    All three are band-limited, so that they have values between the pixels, too.

    Parameters
    ----------
    gamma : complex (pixels,), 0 where masked. noise_std : (pixels,), inf where masked.
    wiener : coefficients (n,) of the Wiener-filtered convergence (`lofi.sphere.filters.wiener`).
    nominal : noise per component and pixel, the unit of the precision.
    """
    e_mode, b_mode = kaiser_squires(harmonics, gamma)
    relative = (nominal / noise_std) ** 2
    beam = gaussian_beam(harmonics.lmax, SMOOTHING * pixel_arcmin(harmonics.nside))
    precision = harmonics.filtered(harmonics.analysis(relative, accuracy=1e-2)[0], beam)
    return np.stack([wiener, e_mode, precision]), b_mode
