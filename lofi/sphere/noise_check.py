"""The noise that a shear map of the sphere promises, against the B mode of its small scales."""

import healpy as hp
import numpy as np

from lofi.lensing.noise_check import FEWEST, FROM_EDGE, SMALL_SCALES, ShearNoiseCheck, from_scatter
from lofi.sphere.filters import gaussian_beam
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.pixels import pixel_arcmin
from lofi.sphere.shear_map import SphereShear


def check_sphere_noise(harmonics: Harmonics, b_mode: np.ndarray, shear: SphereShear) -> ShearNoiseCheck | None:
    """As `lofi.lensing.noise_check.check_shear_noise`, on the sphere; None where too few pixels are far from edges.

    White noise of variance n² per component in pixels of area a has `C_ℓ = a n²`; the map of its B mode, filtered by
    f_ℓ, the variance `Σ (2ℓ + 1) f_ℓ² C_ℓ / 4π`. The noise must vary little over a few pixels.

    b_mode : coefficients (n,) of the Kaiser–Squires B mode of the shear.
    """
    inside = np.flatnonzero(shear.seen)
    for _ in range(FROM_EDGE):
        neighbours = hp.get_all_neighbours(shear.nside, inside)
        seen = np.zeros(harmonics.pixels + 1, bool)  # the last is that of a neighbour that does not exist, -1
        seen[inside], seen[-1] = True, True
        inside = inside[seen[neighbours].all(axis=0)]
    if len(inside) < FEWEST:
        return None
    ell = np.arange(harmonics.lmax + 1)
    high_pass = np.where(ell < 2, 0.0, 1.0 - gaussian_beam(harmonics.lmax, SMALL_SCALES * pixel_arcmin(shear.nside)))
    small_scales = harmonics.synthesis(harmonics.filtered(b_mode, high_pass))[0][inside]
    gain = np.sum((2 * ell + 1) * high_pass**2) / harmonics.pixels
    return from_scatter(small_scales**2, gain * shear.noise_std[inside] ** 2)
