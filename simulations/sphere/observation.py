"""Noisy shear of a simulated sky, and the patches of it that a network is trained on."""

from collections.abc import Sequence

import healpy as hp
import numpy as np

from lofi.data.noise import complex_noise
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.lensing import shear_from_convergence
from lofi.sphere.tiles import Plane


def observed_shear(
    harmonics: Harmonics, kappa: np.ndarray, noise_std: float | np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Noisy complex shear (pixels,), 0 where `noise_std` is inf, of the coefficients (n,) of a convergence."""
    shear = shear_from_convergence(harmonics, kappa) + complex_noise(noise_std, rng)
    return np.where(np.isfinite(noise_std), shear, 0.0)


def patch_planes(count: int, pixels: int, nside: int, seen: np.ndarray, rng: np.random.Generator) -> list[Plane]:
    """Planes of `count` square patches about pixels out of `seen` (indices), turned at random; pixels as of `nside`."""
    centres = np.stack(hp.pix2vec(nside, rng.choice(seen, count)), axis=-1)
    middle = ((pixels - 1) / 2.0,) * 2
    step = hp.nside2resol(nside)
    return [Plane(centre, step, (pixels, pixels), middle, rng.uniform(0, 2 * np.pi)) for centre in centres]


def patches(harmonics: Harmonics, alms: np.ndarray, planes: Sequence[Plane]) -> np.ndarray:
    """Maps of coefficients (C, n) in planes of one shape: float32 (len(planes), C, H, W)."""
    vectors = np.concatenate([plane.directions() for plane in planes])
    values = harmonics.at(alms, *hp.vec2dir(vectors.T))
    values = values.reshape(len(alms), len(planes), *planes[0].shape)
    return np.moveaxis(values, 1, 0).astype(np.float32)
