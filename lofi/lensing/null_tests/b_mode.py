"""The B mode of a catalogue against that of the same galaxies with randomly rotated ellipticities and another sky.

What is measured is the cross component of the aperture mass, `⟨M_×²⟩(R) = ½ ∫ r dr / R² (T₊ ξ₊ − T₋ ξ₋)` with the
filters of Crittenden et al. (2002, eqs 36–38). Correlations ξ are means over pairs of pixels, each pair weighted by the
product of its weights, so that a mask leaks nothing on average. Self-pairs count; rotations do not change them.
"""

from functools import cached_property

import numpy as np
import scipy.fft

from lofi.lensing.catalogue import Galaxies, ShearCatalogue
from lofi.lensing.null_tests.cosmic_shear import AMPLITUDE, aperture_mass, likely_amplitude, simulated_shear
from lofi.lensing.null_tests.overview import Overview, wide_part
from lofi.lensing.null_tests.result import NullTest
from lofi.lensing.tangent_plane import MAX_FIELD_DEGREES, field_wcs, meridian_angle, unit_vectors

RADII = (2.0, 4.0)  # R in pixels
NARROWEST = 12.0  # side of the field in units of R; the filters reach to 6
PHASES = np.exp(2j * np.pi * np.arange(256) / 256).astype(np.complex64)
MOST_BYTES = 1 << 29  # of the maps of rotated ellipticities that are summed at a time


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


class Patch:
    """Galaxies of a tangent plane, summed in its pixels.

    Parameters
    ----------
    ra, dec : (m,), degrees, of some galaxies that tell how the others lie. outermost : (2, k), degrees, of those that
        enclose all. part : of a wide survey, as of `wide_part`; None for the field of all. pixel_arcmin : of the map.
    """

    def __init__(
        self, ra: np.ndarray, dec: np.ndarray, outermost: np.ndarray, part: int | None, pixel_arcmin: float
    ) -> None:
        self.part, self.pixel_arcmin, self._outermost = part, pixel_arcmin, outermost
        self._some, self.galaxies = unit_vectors(ra, dec), 0

    @cached_property
    def _plane(self):
        """WCS and (H, W)."""
        return field_wcs(*self._outermost, self.pixel_arcmin, mean=_middle(self._outermost))

    @property
    def shape(self) -> tuple[int, int]:
        return self._plane[1]

    @cached_property
    def weight(self) -> np.ndarray:
        """Sum of the weights of each pixel (pixels,)."""
        return np.zeros(self.pixels)

    @property
    def pixels(self) -> int:
        return self.shape[0] * self.shape[1]

    @property
    def side_arcmin(self) -> float:
        """Shorter side of the field across its principal axes."""
        _, axes = np.linalg.eigh(np.cov(self._some.T))
        return float(np.degrees(np.ptp(unit_vectors(*self._outermost) @ axes[:, 1:], axis=0).min()) * 60)

    def add(self, piece: ShearCatalogue, rows: np.ndarray, turns: np.ndarray | None, maps: np.ndarray) -> None:
        """Add galaxies, the numbers `rows` of a piece, to the sums of weight · shear of their pixels.

        Parameters
        ----------
        turns : (rotations, n) int, of all galaxies of the piece: how often 1/256 of a turn; None: 0 in one map, and the
            weights are summed, too.
        maps : (rotations, pixels), the sums.
        """
        (wcs, (_, width)), (ra, dec) = self._plane, (piece.ra[rows], piece.dec[rows])
        x, y = wcs.all_world2pix(ra, dec, 0)
        column, row = np.floor(x + 0.5).astype(int), np.floor(y + 0.5).astype(int)  # the field holds all galaxies
        pixel = row * width + column
        order = np.argsort(pixel, kind="stable")
        pixels, first = np.unique(pixel[order], return_index=True)
        shear = (piece.e1[rows] + 1j * piece.e2[rows]) * np.exp(2j * meridian_angle(wcs, ra, dec))
        weighted = (piece.weight[rows] * shear)[order].astype(np.complex64)
        if turns is None:
            self.galaxies += len(rows)
            np.add.at(self.weight, pixel, piece.weight[rows])
            maps[0, pixels] += np.add.reduceat(weighted, first)
            return
        for total, turn in zip(maps, turns, strict=True):
            total[pixels] += np.add.reduceat(weighted * PHASES[turn[rows[order]]], first)


class Turns:
    """Random angles of all galaxies, the same whatever the pieces that a catalogue is read in.

    seeds : of the streams of random numbers, each of four rotations.
    """

    def __init__(self, seeds: np.ndarray) -> None:
        self._seeds = seeds
        self._streams = [np.random.default_rng(seed) for seed in seeds]

    def __len__(self) -> int:
        return 4 * len(self._streams)

    def sky(self, rotation: int, patch: int) -> np.random.Generator:
        """Random numbers for the cosmic shear of a rotation in a patch."""
        return np.random.default_rng([int(self._seeds[rotation // 4]), rotation % 4, patch])

    def of_next(self, count: int) -> np.ndarray:
        """How often the next galaxies are turned by 1/256 of a turn: uint8 (rotations, count)."""
        words = [stream.integers(0, 2**32, count, dtype=np.uint32) for stream in self._streams]
        return np.concatenate([word.view(np.uint8).reshape(count, 4).T for word in words])


def b_mode_tests(
    catalogue: Galaxies, seen: Overview, pixel_arcmin: float, rng: np.random.Generator, rotations: int = 200
) -> tuple[list[NullTest], float]:
    """A test for each aperture that fits into the field: whether `⟨M_×²⟩` exceeds that of rotated ellipticities.

    A Gaussian cosmic shear of the catalogue's amplitude is added to the rotated ones: its E mode has no B mode on
    average, but what it has in one field, and with the noise, scatters.

    Parameters
    ----------
    pixel_arcmin : of the maps. rotations : how many; the smallest p-value is 1 / (rotations + 1).

    Returns
    -------
    the tests, and the amplitude of cosmic shear in units of the spectrum of `cosmic_shear`, from the E mode.
    """
    patches = _patches(seen, pixel_arcmin)
    narrowest = min(patch.side_arcmin for patch in patches) / pixel_arcmin
    radii = tuple(radius for radius in RADII if NARROWEST * radius <= narrowest)
    if not radii:
        return [], AMPLITUDE[0]
    observed, mass, noise, sky, both = _modes(catalogue, patches, radii, rng, rotations)
    expected = aperture_mass(np.radians(radii[-1] * pixel_arcmin / 60))
    measured, error = float(mass[-1] - observed[-1]), np.sqrt(2) * float(noise[:, -1].std())  # noise is in both alike
    amplitude = likely_amplitude(measured / expected, error / expected)
    rotated = noise + np.sqrt(amplitude) * (both - noise - sky) + amplitude * sky  # quadratic in the shear
    p_values = (1 + np.count_nonzero(rotated >= observed, axis=0)) / (rotations + 1)
    excess, error = observed - rotated.mean(axis=0), rotated.std(axis=0)
    return [
        NullTest(f"B mode, aperture {radius * pixel_arcmin:.3g}'", float(value), float(width), float(p_value))
        for radius, value, width, p_value in zip(radii, excess, error, p_values, strict=True)
    ], amplitude


def _modes(catalogue, patches, radii, rng, rotations):
    """`⟨M_×²⟩` and `⟨M_ap²⟩` (radii,), means over patches, and the first (rotations, radii) of turned ellipticities, of
    cosmic shear of unit amplitude, and of both together.

    The maps of many rotations are summed in one reading of the catalogue, of as many as `MOST_BYTES` hold.
    """
    seeds = rng.integers(0, 2**63, -(-rotations // 4))  # four rotations each
    together = max(MOST_BYTES // (4 * 3 * 8 * sum(patch.pixels for patch in patches)), 1)
    observed, mass = _means(patches, radii, _maps(catalogue, patches, None))[0]
    parts = [seeds[first : first + together] for first in range(0, len(seeds), together)]
    found = {"noise": [], "sky": [], "both": []}
    for part in parts:
        turns = Turns(part)
        noise = _maps(catalogue, patches, turns)
        skies = [_skies(patch, number, turns) for number, patch in enumerate(patches)]
        both = [sums + sky for sums, sky in zip(noise, skies, strict=True)]
        for name, maps in (("noise", noise), ("sky", skies), ("both", both)):
            found[name].append(_means(patches, radii, maps)[:, 0])
    return observed, mass, *(np.concatenate(values)[:rotations] for values in found.values())


def _skies(patch, number, turns):
    """Maps (rotations, pixels) of weight · cosmic shear of unit amplitude."""
    pixel = patch.pixel_arcmin
    skies = (simulated_shear(patch.shape, pixel, turns.sky(rotation, number)) for rotation in range(len(turns)))
    return np.array([patch.weight * sky.ravel() for sky in skies], np.complex64)


def _maps(catalogue, patches, turns):
    """Maps (rotations, pixels) of each patch of weight · shear, of one reading of a catalogue."""
    maps = [np.zeros((1 if turns is None else len(turns), patch.pixels), np.complex64) for patch in patches]
    for piece in catalogue.pieces("B mode"):
        part = wide_part(piece.ra, piece.dec)
        of_piece = None if turns is None else turns.of_next(len(piece))
        for patch, sums in zip(patches, maps, strict=True):
            rows = np.arange(len(piece)) if patch.part is None else np.flatnonzero(part == patch.part)
            if len(rows):
                patch.add(piece, rows, of_piece, sums)
    return maps


def _means(patches, radii, maps):
    """`ApertureMass.modes` (rotations, 2, radii) of maps, a mean over patches by their galaxies."""
    total = sum(patch.galaxies for patch in patches)
    means = 0.0
    for patch, sums in zip(patches, maps, strict=True):
        mass = ApertureMass(patch.weight.reshape(patch.shape), radii)
        modes = [mass.modes(each.reshape(patch.shape).astype(complex)) for each in sums]
        means = means + patch.galaxies / total * np.array(modes)
    return means


def _patches(seen, pixel_arcmin):
    """Patches: one of all galaxies, or cells of 10° of a wider survey."""
    outermost = np.concatenate(list(seen.outermost.values()), axis=1)
    reach = unit_vectors(*outermost) @ _middle(outermost)
    if 2 * np.degrees(np.arccos(np.clip(reach.min(), -1, 1))) <= MAX_FIELD_DEGREES:
        return [Patch(seen.ra, seen.dec, outermost, None, pixel_arcmin)]
    parts = wide_part(seen.ra, seen.dec)
    numbers, counts = np.unique(parts, return_counts=True)
    kept = numbers[counts > 0.2 * counts.max()].tolist()  # slivers have few pairs
    rows = (parts == part for part in kept)
    return [
        Patch(seen.ra[some], seen.dec[some], seen.outermost[part], part, pixel_arcmin)
        for part, some in zip(kept, rows, strict=True)
    ]


def _middle(positions):
    """Unit vector (3,) of the middle of the extent of positions (2, n) in degrees, wherever most of them are."""
    directions = unit_vectors(*positions)
    middle = directions.min(axis=0) + directions.max(axis=0)
    return middle / max(np.linalg.norm(middle), 1e-9)  # of the whole sky any direction is
