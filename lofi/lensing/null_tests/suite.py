"""All null tests of a catalogue."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from lofi.lensing.catalogue import Galaxies
from lofi.lensing.null_tests.b_mode import b_mode_tests
from lofi.lensing.null_tests.blocks import Slope, sky_blocks
from lofi.lensing.null_tests.cosmic_shear import SAMPLE, variance_of_mean
from lofi.lensing.null_tests.overview import Overview, overview
from lofi.lensing.null_tests.result import NullTest
from lofi.lensing.ordered_sums import OrderedSums
from lofi.lensing.tangent_plane import unit_vectors


def null_tests(
    catalogue: Galaxies, pixel_arcmin: float, rng: np.random.Generator, rotations: int = 200
) -> tuple[list[NullTest], list[str], int]:
    """The tests that a catalogue allows, notes on those that it does not, and the number of its galaxies.

    Additive bias: the mean shear, of each component against (West, North), beyond noise and cosmic shear. PSF: slopes
    of the shear against the ellipticity and the size of the PSF, where the catalogue has them. Depth: slopes of the
    shear and of its scatter against the density of galaxies. B mode: `lofi.lensing.null_tests.b_mode`.

    The catalogue is read piece by piece, a few times; no more than a million galaxies are held at once.

    Parameters
    ----------
    pixel_arcmin : of the maps of the B mode and of the density. rotations : of the ellipticities, for the B mode.
    """
    seen = overview(catalogue, pixel_arcmin)
    blocks = sky_blocks(unit_vectors(seen.ra, seen.dec))
    of_b_mode, amplitude = b_mode_tests(catalogue, seen, pixel_arcmin, rng, rotations)
    notes = []
    tests = _of_galaxies(catalogue, seen, blocks, amplitude, rng, notes)
    if not of_b_mode:
        notes.append("the B mode is not tested: the field is too small for its apertures; take smaller --pixel-arcmin")
    return tests + of_b_mode, notes, seen.galaxies


def _of_galaxies(catalogue, seen: Overview, blocks, amplitude, rng, notes):
    """Additive bias and slopes, of one reading; `amplitude` of the cosmic shear."""
    sums, few, number = OrderedSums(1), _Few(seen.galaxies, rng), len(blocks)
    slopes = {
        "leakage": Slope("PSF ellipticity, leakage alpha", number),
        "size": Slope("PSF size, slope of shear", number, relative="cause"),
        "depth": Slope("depth, slope of shear", number),
        "scatter": Slope("depth, slope of the scatter", number, relative="response"),
    }
    for piece in catalogue.pieces("null tests"):
        shear, weight, directions = piece.e1 + 1j * piece.e2, piece.weight, unit_vectors(piece.ra, piece.dec)
        power, one = np.abs(shear) ** 2, np.zeros(len(piece), int)
        sums.add(one, weight=weight, e1=weight * shear.real, e2=weight * shear.imag, noise=weight**2 * power)
        few.add(directions, weight)
        density = seen.relative_density(directions) if seen.varies else None
        pairs = {"leakage": (shear, piece.psf), "size": (shear, piece.psf_size)}
        pairs |= {"depth": (shear, density), "scatter": (power, density)}
        block = blocks.number(directions)
        for name, (response, cause) in pairs.items():
            if cause is not None:
                slopes[name].add(response, cause, weight, block)
    tests = _additive(sums, amplitude * variance_of_mean(*few.galaxies()), notes)
    if not slopes["leakage"].known:
        notes.append("PSF leakage is not tested: no columns psf_e1, psf_e2 (or psf_11, psf_22, psf_12) are named")
    known = [slope for slope in slopes.values() if slope.known]
    notes += [f"{slope.name}: not tested, its column is constant" for slope in known if slope.constant]
    return tests + [slope.test() for slope in known if not slope.constant]


class _Few:
    """A few galaxies of a catalogue, at random."""

    def __init__(self, galaxies: int, rng: np.random.Generator) -> None:
        self._rows = np.sort(rng.choice(galaxies, min(SAMPLE, galaxies), replace=False))
        self._read, self._found = 0, []

    def add(self, directions, weight):
        """Take those of a piece."""
        rows = self._rows[(self._rows >= self._read) & (self._rows < self._read + len(weight))] - self._read
        self._found.append((directions[rows], weight[rows]))
        self._read += len(weight)

    def galaxies(self):
        """Directions (n, 3) and weights (n,)."""
        return tuple(np.concatenate(parts) for parts in zip(*self._found, strict=True))


def _additive(sums, cosmic, notes):
    """The mean shear against shape noise and the variance `cosmic` that structure beyond the field gives it."""
    e1, e2, noise = (sums[name][0] / sums["weight"][0] ** power for name, power in (("e1", 1), ("e2", 1), ("noise", 2)))
    noise = noise / 2
    notes.append(f"error of the mean shear: {np.sqrt(noise):.2g} of shape noise, {np.sqrt(cosmic):.2g} of cosmic shear")
    error = float(np.sqrt(noise + cosmic))
    means = {"additive bias c1": e1, "additive bias c2": e2}
    return [NullTest(name, float(c), error, float(2 * norm.sf(abs(c) / error))) for name, c in means.items()]


def failures(tests: Sequence[NullTest]) -> list[str]:
    """A sentence on each test that fails."""
    return [
        f"{test.name}: p = {test.p_value:.2g}, {test.value:.3g} +- {test.error:.2g}" for test in tests if test.fails
    ]
