"""Correlations of bins of redshift: Limber's integral, the same plane twice, modes of an image."""

import numpy as np
import pytest
import torch

from lofi.lensing.bin_correlations import bin_correlations, plane
from lofi.lensing.redshift_distribution import Distribution
from simulations.theory import HUBBLE_DISTANCE

Z = np.linspace(0.0, 0.85, 171)
ELL = np.geomspace(50, 2e4, 12)


@pytest.fixture(scope="module")
def table(theory):
    """The spectra of source planes as a prior knows them."""
    redshifts = np.linspace(0.3, 0.85, 10)
    return redshifts, ELL, np.array([theory.convergence_power(ELL, z) for z in redshifts])


def bell(middle, width):
    return Distribution(f"{middle}", Z, np.exp(-0.5 * ((Z - middle) / width) ** 2))


def spectrum(theory, one, other):
    """C_ij of two n(z), by Limber's integral with both lensing efficiencies."""
    chi = np.linspace(5.0, theory.source_distance * 0.995, 600)
    sources = theory.comoving_distance(Z[1:])
    reach = np.clip(1 - chi[:, None] / sources, 0, None)
    first, second = (reach @ (each.density[1:] / each.density[1:].sum()) for each in (one, other))
    z = theory.redshift_at(chi)
    kernel = 2.25 * theory.cosmology["omega_m"] ** 2 / HUBBLE_DISTANCE**4 * first * second * (1 + z) ** 2
    return np.trapezoid(theory.nonlinear_power((ELL[:, None] + 0.5) / chi, z) * kernel, chi, axis=1)


@pytest.mark.parametrize("width", [0.03, 0.1])
def test_they_are_those_of_limbers_integral(theory, table, width):
    bins = [bell(middle, width) for middle in (0.35, 0.55, 0.7)]
    found = bin_correlations(bins, *table).matrices
    for i, one in enumerate(bins):
        for j, other in enumerate(bins):
            own = spectrum(theory, one, one) * spectrum(theory, other, other)
            np.testing.assert_allclose(found[:, i, j], spectrum(theory, one, other) / np.sqrt(own), atol=0.004)
    assert (found[:, 0, 2] < 0.9).all()
    assert (found[:, 0, 2] < found[:, 1, 2]).all()  # bins that are farther apart are less alike


def test_bins_with_the_same_sources_are_one(table):
    found = bin_correlations([plane(0.6), bell(0.5, 0.1), plane(0.6)], *table).matrices
    np.testing.assert_allclose(found[:, 0, 2], 1.0, atol=1e-6)
    np.testing.assert_allclose(np.einsum("lii->li", found), 1.0, atol=1e-12)


def test_the_modes_of_an_image_have_the_roots_of_their_multipole(table):
    correlations = bin_correlations([plane(0.4), plane(0.6), plane(0.8)], *table)
    mixing = correlations.mixing((40, 31), 2.0)
    assert mixing.shape == (3, 3, 40, 16)
    assert mixing.dtype == torch.float32
    matrices = torch.einsum("ikhw,jkhw->ijhw", mixing, mixing).numpy()
    np.testing.assert_allclose(np.einsum("iihw->ihw", matrices), 1.0, atol=1e-6)
    ell = 2 * np.pi * np.hypot(np.fft.fftfreq(40)[:, None], np.fft.rfftfreq(31)) / np.deg2rad(2 / 60)
    expected = np.interp(np.log(ell[1:]), np.log(ELL), correlations.matrices[:, 0, 2])
    np.testing.assert_allclose(matrices[0, 2, 1:], expected, atol=1e-3)
