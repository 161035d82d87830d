"""Convergence, shear and their inverse on the sphere."""

import healpy as hp
import numpy as np
import pytest

from lofi.lensing.kaiser_squires import shear_from_convergence as planar_shear
from lofi.sphere.filters import gaussian_beam
from lofi.sphere.harmonics import Harmonics, check_nside
from lofi.sphere.lensing import kaiser_squires, shear_factor, shear_from_convergence
from lofi.sphere.tiles import Plane
from simulations.sphere.lognormal import gaussian_alm

NSIDE = 64


@pytest.fixture(scope="module")
def harmonics():
    return Harmonics(NSIDE)


@pytest.fixture(scope="module")
def kappa(harmonics):
    power = 1.0 / (np.arange(harmonics.lmax + 1) + 20.0) ** 2
    power[:2] = 0.0
    return gaussian_alm(power, harmonics, np.random.default_rng(3))


def test_round_trip_is_exact_up_to_lmax(harmonics, kappa):
    e_mode, b_mode = kaiser_squires(harmonics, shear_from_convergence(harmonics, kappa))
    assert np.abs(e_mode - kappa).max() < 1e-5 * np.abs(kappa).max()
    assert np.abs(b_mode).max() < 1e-5 * np.abs(kappa).max()


def test_monopole_and_dipole_are_unobservable(harmonics, kappa):
    more = kappa.copy()
    more[harmonics.ell < 2] += 1.0
    assert np.array_equal(shear_from_convergence(harmonics, more), shear_from_convergence(harmonics, kappa))
    assert not shear_factor(harmonics.lmax)[:2].any()


def test_shear_is_healpy_s(harmonics, kappa):
    gradient = hp.almxfl(kappa, shear_factor(harmonics.lmax))
    zero = np.zeros_like(gradient)
    _, q, u = hp.alm2map([zero, gradient, zero], NSIDE, lmax=harmonics.lmax, pol=True)
    assert np.abs(shear_from_convergence(harmonics, kappa) - (-q + 1j * u)).max() < 1e-10


def test_a_small_patch_has_the_shear_of_the_plane(harmonics):
    """A mass on the equator: the frame, the signs and the size of the planar relation."""
    centre = np.array([1.0, 0.0, 0.0])
    plane = Plane(centre, np.radians(0.5), (64, 64), (31.5, 31.5))
    blob = hp.map2alm(_blob(), lmax=harmonics.lmax)
    blob = harmonics.filtered(blob, gaussian_beam(harmonics.lmax, 60.0))
    vectors = plane.directions()
    kappa = harmonics.at(blob, *hp.vec2dir(vectors.T)).reshape(64, 64)
    gamma = shear_from_convergence(harmonics, blob)
    components = [hp.map2alm(part, lmax=harmonics.lmax, iter=5) for part in (gamma.real, gamma.imag)]
    at = [harmonics.at(part, *hp.vec2dir(vectors.T)).reshape(64, 64) for part in components]
    expected = planar_shear(np.pad(kappa, 64))[64:-64, 64:-64]
    middle = (slice(16, 48),) * 2
    error = np.abs((at[0] + 1j * at[1] - expected)[middle]).max()
    assert error < 0.03 * np.abs(expected).max()  # the sphere is not flat, the square has an edge


def _blob():
    lon, lat = hp.pix2ang(NSIDE, np.arange(12 * NSIDE**2), lonlat=True)
    lon = (lon + 180.0) % 360.0 - 180.0
    along, across = lon + 0.5 * lat, lat - 0.3 * lon  # lopsided, so that an axis turned or flipped is noticed
    return np.exp(-0.5 * ((along / 4.0) ** 2 + (across / 2.0) ** 2))


def test_values_between_pixels_are_those_of_the_harmonics(harmonics, kappa):
    here = hp.pix2ang(NSIDE, np.arange(0, harmonics.pixels, 7))
    values = harmonics.at(np.stack([kappa, 2 * kappa]), *here)
    assert np.allclose(values[0], harmonics.synthesis(kappa)[0][::7], atol=1e-4 * values.std())
    assert np.allclose(values[1], 2 * values[0], atol=1e-4 * values.std())


def test_nan_is_refused(harmonics):
    gamma = np.zeros(harmonics.pixels, dtype=complex)
    gamma[5] = np.nan
    with pytest.raises(ValueError, match="NaN or inf"):
        kaiser_squires(harmonics, gamma)


@pytest.mark.parametrize("nside", [0, 3, 1000, 16384, 2.5])
def test_nside_is_a_power_of_two(nside):
    with pytest.raises(ValueError, match="expected a power of two from 1 to 8192"):
        check_nside(nside)


def test_lmax_has_bounds():
    with pytest.raises(ValueError, match=r"lmax is 200; expected 2 to 3 Nside − 1 = 191"):
        Harmonics(64, lmax=200)
