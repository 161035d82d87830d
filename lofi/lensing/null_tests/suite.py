"""All null tests of a catalogue."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from lofi.lensing.catalogue import ShearCatalogue
from lofi.lensing.null_tests.b_mode import b_mode_tests
from lofi.lensing.null_tests.blocks import sky_blocks, slope_test
from lofi.lensing.null_tests.cosmic_shear import variance_of_mean
from lofi.lensing.null_tests.result import NullTest
from lofi.lensing.tangent_plane import unit_vectors


def null_tests(
    catalogue: ShearCatalogue, pixel_arcmin: float, rng: np.random.Generator, rotations: int = 200
) -> tuple[list[NullTest], list[str]]:
    """The tests that a catalogue allows, and notes on those that it does not.

    Additive bias: the mean shear, of each component against (West, North), beyond noise and cosmic shear. PSF: slopes
    of the shear against the ellipticity and the size of the PSF, where the catalogue has them. Depth: slopes of the
    shear and of its scatter against the density of galaxies. B mode: `lofi.lensing.null_tests.b_mode`.

    Parameters
    ----------
    pixel_arcmin : of the maps of the B mode and of the density. rotations : of the ellipticities, for the B mode.
    """
    shear, weight = catalogue.e1 + 1j * catalogue.e2, catalogue.weight
    directions = unit_vectors(catalogue.ra, catalogue.dec)
    blocks, notes = sky_blocks(directions), []
    of_b_mode, amplitude = b_mode_tests(catalogue, pixel_arcmin, rng, rotations)
    tests = _additive(shear, weight, amplitude * variance_of_mean(directions, weight, rng), notes)
    if catalogue.psf is None:
        notes.append("PSF leakage is not tested: no columns psf_e1, psf_e2 (or psf_11, psf_22, psf_12) are named")
    else:
        tests.append(slope_test("PSF ellipticity, leakage alpha", shear, catalogue.psf, weight, blocks))
    if catalogue.psf_size is not None:
        size = catalogue.psf_size / np.average(catalogue.psf_size, weights=weight)
        tests.append(slope_test("PSF size, slope of shear", shear, size, weight, blocks))
    density = relative_density(directions, pixel_arcmin)
    scatter = np.abs(shear) ** 2 / np.average(np.abs(shear) ** 2, weights=weight)
    if density.std() > 0:
        tests.append(slope_test("depth, slope of shear", shear, density, weight, blocks))
        tests.append(slope_test("depth, slope of the scatter", scatter, density, weight, blocks))
    if not of_b_mode:
        notes.append("the B mode is not tested: the field is too small for its apertures; take smaller --pixel-arcmin")
    return tests + of_b_mode, notes


def _additive(shear, weight, cosmic, notes):
    """The mean shear against shape noise and the variance `cosmic` that structure beyond the field gives it."""
    share = weight / weight.sum()
    noise = float(np.sum(share**2 * np.abs(shear) ** 2)) / 2
    notes.append(f"error of the mean shear: {np.sqrt(noise):.2g} of shape noise, {np.sqrt(cosmic):.2g} of cosmic shear")
    error = float(np.sqrt(noise + cosmic))
    means = {"additive bias c1": share @ shear.real, "additive bias c2": share @ shear.imag}
    return [NullTest(name, float(c), error, float(2 * norm.sf(abs(c) / error))) for name, c in means.items()]


def relative_density(directions: np.ndarray, pixel_arcmin: float) -> np.ndarray:
    """Galaxies (n,) in the cell of each direction (n, 3), in units of their mean; cells of 4 pixels a side."""
    side = 4 * np.radians(pixel_arcmin / 60)
    latitude = np.floor(np.arcsin(np.clip(directions[:, 2], -1, 1)) / side).astype(int)
    width = side / np.maximum(np.cos((latitude + 0.5) * side), side)
    longitude = np.floor(np.arctan2(directions[:, 1], directions[:, 0]) / width).astype(int)
    _, cell, count = np.unique(np.stack([latitude, longitude]), axis=1, return_inverse=True, return_counts=True)
    density = count[cell.ravel()]
    return density / density.mean()


def failures(tests: Sequence[NullTest]) -> list[str]:
    """A sentence on each test that fails."""
    return [
        f"{test.name}: p = {test.p_value:.2g}, {test.value:.3g} +- {test.error:.2g}" for test in tests if test.fails
    ]
