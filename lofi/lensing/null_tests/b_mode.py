"""The B mode of a catalogue against that of the same galaxies with randomly rotated ellipticities.

What is measured is the cross component of the aperture mass, `⟨M_×²⟩(R) = ½ ∫ r dr / R² (T₊ ξ₊ − T₋ ξ₋)` with the
filters of Crittenden et al. (2002, eqs 36–38). Correlations ξ are means over pairs of pixels, each pair weighted by the
product of its weights, so that a mask leaks nothing on average. Self-pairs count; rotations do not change them.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft

from lofi.lensing.catalogue import ShearCatalogue
from lofi.lensing.null_tests.cosmic_shear import aperture_mass
from lofi.lensing.null_tests.result import NullTest
from lofi.lensing.tangent_plane import MAX_FIELD_DEGREES, field_wcs, meridian_angle, unit_vectors

RADII = (2.0, 4.0)  # R in pixels; with larger ones the E mode's own scatter counts, which rotations do not have
NARROWEST = 12.0  # side of the field in units of R; the filters reach to 6
PHASES = np.exp(2j * np.pi * np.arange(256) / 256).astype(np.complex64)
PATCH_DEGREES = 10.0  # of surveys too wide for one tangent plane


class ApertureMass:
    """`⟨M_×²⟩` and `⟨M_ap²⟩` of weighted shear maps of one mask.

    Parameters
    ----------
    weight : (H, W), the sum of weights in each pixel. radii : R in pixels.
    """

    def __init__(self, weight: np.ndarray, radii: tuple[float, ...]) -> None:
        self._padded = tuple(scipy.fft.next_fast_len(2 * side) for side in weight.shape)
        pairs = scipy.fft.ifft2(np.abs(scipy.fft.fft2(weight, self._padded)) ** 2).real
        y, x = (np.fft.fftfreq(side) * side for side in self._padded)
        lag = x[None, :] + 1j * y[:, None]
        distance = np.abs(lag)
        with np.errstate(invalid="ignore", divide="ignore"):
            turn = np.nan_to_num((lag / distance) ** 4)
        inverse = np.where(pairs > 1e-9 * pairs.max(), 1 / np.where(pairs > 0, pairs, 1), 0.0)
        self._plus, self._minus = [], []
        for radius in radii:
            area = 4 * np.pi * radius**2 * pairs.size  # ∫ r dr is a sum over lags, divided by 2π
            scaled = distance / radius
            decay = np.exp(-(scaled**2) / 4) * inverse / area
            self._plus.append(scipy.fft.fft2((scaled**4 - 16 * scaled**2 + 32) / 128 * decay).real)
            self._minus.append(np.conj(scipy.fft.fft2(scaled**4 / 128 * decay * turn)))  # of exp(-4i angle)

    def modes(self, weighted: np.ndarray) -> np.ndarray:
        """(2, radii): `⟨M_×²⟩`, of the B mode, and `⟨M_ap²⟩` of a complex map (H, W) of summed weight · shear."""
        spectrum = scipy.fft.fft2(weighted, self._padded)
        power = np.abs(spectrum) ** 2
        mirrored = spectrum * np.roll(spectrum[::-1, ::-1], (1, 1), (0, 1))
        plus = np.array([np.sum(kernel * power) for kernel in self._plus])
        minus = np.array([np.sum(kernel * mirrored).real for kernel in self._minus])
        return np.stack([plus - minus, plus + minus])


@dataclass(frozen=True)
class Patch:
    """Galaxies of a tangent plane, in the order of their pixels.

    Attributes
    ----------
    shape : (H, W). pixels : numbers of the pixels with galaxies. first : place of the first galaxy of each.
    weighted : complex (n,), weight · shear in the plane. mass : `ApertureMass` of the mask.
    """

    shape: tuple[int, int]
    pixels: np.ndarray
    first: np.ndarray
    weighted: np.ndarray
    mass: ApertureMass

    def modes(self, phases: np.ndarray | float = 1.0) -> np.ndarray:
        """(2, radii), as of `ApertureMass`, with the ellipticities turned by `phases` (n,)."""
        total = np.zeros(self.shape, np.complex128)
        total.flat[self.pixels] = np.add.reduceat(self.weighted * phases, self.first)
        return self.mass.modes(total)


def b_mode_tests(
    catalogue: ShearCatalogue, pixel_arcmin: float, rng: np.random.Generator, rotations: int = 200
) -> tuple[list[NullTest], float]:
    """A test for each aperture that fits into the field: whether `⟨M_×²⟩` exceeds that of rotated ellipticities.

    Parameters
    ----------
    pixel_arcmin : of the maps. rotations : how many; the smallest p-value is 1 / (rotations + 1).

    Returns
    -------
    the tests, and the amplitude of the E mode in units of the spectrum of `cosmic_shear`, 1 where no aperture fits.
    """
    fields = _fields(catalogue)
    narrowest = min(_side(catalogue, rows) for rows in fields) / pixel_arcmin
    radii = tuple(radius for radius in RADII if NARROWEST * radius <= narrowest)
    if not radii:
        return [], 1.0
    patches = [_patch(catalogue, rows, pixel_arcmin, radii) for rows in fields]
    share = np.array([len(rows) for rows in fields], float)
    share /= share.sum()

    def mean(modes):
        return np.tensordot(share, modes, 1)

    observed, mass = mean([patch.modes() for patch in patches])
    rotated = np.array([mean([patch.modes(_phases(patch, rng))[0] for patch in patches]) for _ in range(rotations)])
    p_values = (1 + np.count_nonzero(rotated >= observed, axis=0)) / (rotations + 1)
    excess, error = observed - rotated.mean(axis=0), rotated.std(axis=0)
    expected = aperture_mass(np.radians(radii[-1] * pixel_arcmin / 60))
    amplitude = max(float(mass[-1] - observed[-1]) / expected, 0.0)  # noise adds the same to both
    return [
        NullTest(f"B mode, aperture {radius * pixel_arcmin:.3g}'", float(value), float(width), float(p_value))
        for radius, value, width, p_value in zip(radii, excess, error, p_values, strict=True)
    ], amplitude


def _phases(patch, rng):
    return PHASES[rng.integers(0, 256, len(patch.weighted), np.uint8)]


def _fields(catalogue):
    """Rows of the galaxies of each tangent plane: all in one, or cells of 10° of a wider survey."""
    directions = unit_vectors(catalogue.ra, catalogue.dec)
    middle = directions.mean(axis=0)
    reach = directions @ (middle / np.linalg.norm(middle))
    if 2 * np.degrees(np.arccos(np.clip(reach.min(), -1, 1))) <= MAX_FIELD_DEGREES:
        return [np.arange(len(catalogue))]
    band = np.floor((catalogue.dec + 90) / PATCH_DEGREES).astype(int)
    width = PATCH_DEGREES / np.cos(np.radians((band + 0.5) * PATCH_DEGREES - 90))
    cell = band * 1000 + np.floor(catalogue.ra % 360 / width).astype(int)
    order = np.argsort(cell, kind="stable")
    rows = np.split(order, np.flatnonzero(np.diff(cell[order])) + 1)
    most = max(len(part) for part in rows)
    return [part for part in rows if len(part) > 0.2 * most]  # slivers have few pairs


def _side(catalogue, rows):
    """Shorter side of a field, arcmin, across its principal axes."""
    directions = unit_vectors(catalogue.ra[rows], catalogue.dec[rows])
    _, axes = np.linalg.eigh(np.cov(directions.T))
    return float(np.degrees(np.ptp(directions @ axes[:, 1:], axis=0).min()) * 60)


def _patch(catalogue, rows, pixel_arcmin, radii):
    wcs, (height, width) = field_wcs(catalogue.ra[rows], catalogue.dec[rows], pixel_arcmin)
    ra, dec, weight = catalogue.ra[rows], catalogue.dec[rows], catalogue.weight[rows]
    x, y = wcs.all_world2pix(ra, dec, 0)
    column = np.clip(np.floor(x + 0.5).astype(int), 0, width - 1)
    row = np.clip(np.floor(y + 0.5).astype(int), 0, height - 1)
    pixel = row * width + column
    weighted = weight * (catalogue.e1[rows] + 1j * catalogue.e2[rows]) * np.exp(2j * meridian_angle(wcs, ra, dec))
    order = np.argsort(pixel, kind="stable")
    pixels, first = np.unique(pixel[order], return_index=True)
    total = np.bincount(pixel, weight, minlength=height * width).reshape(height, width)
    return Patch((height, width), pixels, first, weighted[order].astype(np.complex64), ApertureMass(total, radii))
