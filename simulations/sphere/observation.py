"""What a network sees of a survey of the sphere: linear images of its shear, known at any position."""

import healpy as hp
import numpy as np
from scipy.interpolate import CubicSpline

from simulations.noise import complex_noise
from simulations.sphere.filters import gaussian_beam
from simulations.sphere.harmonics import Harmonics
from simulations.sphere.lensing import kaiser_squires, shear_from_convergence
from simulations.sphere.nominal import pixel_arcmin
from simulations.sphere.tiles import Plane

NODES = 60  # of the tabulated spectrum
SMOOTHING = 1.0  # pixels, of the precision: its edges must be as smooth as the grid of a tile can hold


def tabulated(power):
    """A spectrum C_ℓ (lmax + 1,) [sr] at a few ℓ from 2, as a record can hold it: {ell: [...], power: [...]}."""
    lmax = len(power) - 1
    ell = np.unique(np.geomspace(2, lmax, NODES).round().astype(int))
    return {"ell": ell.tolist(), "power": [float(value) for value in power[ell]]}


def spectrum_of(table, lmax):
    """C_ℓ (lmax + 1,) [sr] of a table, its last slope beyond it; 0 for ℓ < 2."""
    ell, power = (np.log(np.asarray(table[key], dtype=float)) for key in ("ell", "power"))
    wanted = np.log(np.arange(2.0, lmax + 1))
    inside = CubicSpline(ell, power)(np.minimum(wanted, ell[-1]))
    slope = (power[-1] - power[-2]) / (ell[-1] - ell[-2])
    return np.concatenate([np.zeros(2), np.exp(inside + slope * np.maximum(wanted - ell[-1], 0.0))])


def observed_shear(harmonics, kappa, noise_std, rng):
    """Noisy complex shear (pixels,), 0 where `noise_std` is inf, of the coefficients (n,) of a convergence."""
    shear = shear_from_convergence(harmonics, kappa) + complex_noise(noise_std, rng)
    return np.where(np.isfinite(noise_std), shear, 0.0)


def channels(harmonics, gamma, noise_std, wiener, nominal):
    """Coefficients (3, n) of the channels that a network reads (`simulations.sphere.nominal`), and of the B mode (n,).

    kappa_wiener : the Wiener-filtered convergence, as given.
    kappa_e : the Kaiser–Squires map.
    precision : (nominal noise / noise)², smoothed by a Gaussian of a pixel; 0 where masked.

    All three are band-limited, so that they have values between the pixels, too.

    Parameters
    ----------
    gamma : complex (pixels,), 0 where masked. noise_std : (pixels,), inf where masked.
    wiener : coefficients (n,) of the Wiener-filtered convergence (`simulations.sphere.filters.wiener`).
    nominal : noise per component and pixel, the unit of the precision.
    """
    e_mode, b_mode = kaiser_squires(harmonics, gamma)
    relative = (nominal / noise_std) ** 2
    beam = gaussian_beam(harmonics.lmax, SMOOTHING * pixel_arcmin(harmonics.nside))
    precision = harmonics.filtered(harmonics.analysis(relative, accuracy=1e-2)[0], beam)
    return np.stack([wiener, e_mode, precision]), b_mode


def patch_planes(count, pixels, nside, seen, rng):
    """Planes of `count` square patches about pixels out of `seen` (indices), turned at random; pixels as of `nside`."""
    centres = np.stack(hp.pix2vec(nside, rng.choice(seen, count)), axis=-1)
    middle = ((pixels - 1) / 2.0,) * 2
    step = hp.nside2resol(nside)
    return [Plane(centre, step, (pixels, pixels), middle, rng.uniform(0, 2 * np.pi)) for centre in centres]


def patches(harmonics: Harmonics, alms, planes):
    """Maps of coefficients (C, n) in planes of one shape: float32 (len(planes), C, H, W)."""
    vectors = np.concatenate([plane.directions() for plane in planes])
    values = harmonics.at(alms, *hp.vec2dir(vectors.T))
    values = values.reshape(len(alms), len(planes), *planes[0].shape)
    return np.moveaxis(values, 1, 0).astype(np.float32)
