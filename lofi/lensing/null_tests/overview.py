"""What null tests must know of all galaxies before they look at each: where they are, and how dense."""

from dataclasses import dataclass

import numpy as np

from lofi.lensing.catalogue import Galaxies
from lofi.lensing.extent import Outermost
from lofi.lensing.rows import Sample
from lofi.lensing.tangent_plane import unit_vectors

CELL_PIXELS = 4  # side of a cell in which galaxies are counted
ROW = 1 << 31  # of cells in a strip of latitude, at most
WIDE_DEGREES = 10.0  # side of the parts of surveys too wide for one tangent plane
PENDING = 1 << 20  # counts of pieces that wait to be put together


@dataclass(frozen=True)
class Overview:
    """Of a catalogue.

    Attributes
    ----------
    galaxies : their number. ra, dec : (m,), degrees, of all of up to a million, else of every second, fourth, …
    outermost : {number of `wide_part`: (2, k)}, positions that enclose those of all galaxies of the part.
    side : of a cell, radians. cells : (c,) int, numbers of the cells with galaxies, rising. counts : (c,), in them.
    """

    galaxies: int
    ra: np.ndarray
    dec: np.ndarray
    outermost: dict[int, np.ndarray]
    side: float
    cells: np.ndarray
    counts: np.ndarray

    @property
    def varies(self) -> bool:
        """Whether the density of galaxies does."""
        return len(np.unique(self.counts)) > 1

    def relative_density(self, directions: np.ndarray) -> np.ndarray:
        """Galaxies (n,) in the cell of each direction (n, 3), in units of their mean over galaxies."""
        count = self.counts[np.searchsorted(self.cells, _cell(directions, self.side))]
        return count * (self.galaxies / np.sum(self.counts.astype(float) ** 2))


def overview(catalogue: Galaxies, pixel_arcmin: float) -> Overview:
    """Read a catalogue once for its `Overview`; cells are of 4 pixels a side.

    Raises ValueError where all ellipticities are 0.
    """
    sample, outer, side = Sample(), Outermost(), CELL_PIXELS * np.radians(pixel_arcmin / 60)
    cells, counts, waiting, pending, galaxies = np.empty(0, int), np.empty(0, int), [], 0, 0
    elliptical = False
    for piece in catalogue.pieces("positions"):
        elliptical = elliptical or bool(piece.e1.any() or piece.e2.any())
        sample.add(np.stack([piece.ra, piece.dec], axis=1))
        outer.add(piece.ra, piece.dec, wide_part(piece.ra, piece.dec))
        waiting.append(np.unique(_cell(unit_vectors(piece.ra, piece.dec), side), return_counts=True))
        galaxies, pending = galaxies + len(piece), pending + len(waiting[-1][0])
        if pending > max(PENDING, len(cells)):
            cells, counts = _together([(cells, counts), *waiting])
            waiting, pending = [], 0
    if not elliptical:
        raise ValueError(f"all ellipticities of '{catalogue.source}' are zero")
    cells, counts = _together([(cells, counts), *waiting])
    return Overview(galaxies, *sample.rows.T, outer.of_parts(), side, cells, counts)


def wide_part(ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    """Number (n,) of the part of the sky, about 10° a side, of positions in degrees."""
    band = np.floor((dec + 90) / WIDE_DEGREES).astype(int)
    width = WIDE_DEGREES / np.cos(np.radians((band + 0.5) * WIDE_DEGREES - 90))
    return band * 1000 + np.floor(ra % 360 / width).astype(int)


def _cell(directions, side):
    """Number (n,) of the cell of each direction (n, 3)."""
    latitude = np.floor(np.arcsin(np.clip(directions[:, 2], -1, 1)) / side).astype(int)
    width = side / np.maximum(np.cos((latitude + 0.5) * side), side)
    longitude = np.floor(np.arctan2(directions[:, 1], directions[:, 0]) / width).astype(int)
    return latitude * ROW + longitude


def _together(parts):
    """Cells and their counts, of those of parts."""
    cells, place = np.unique(np.concatenate([cells for cells, _ in parts]), return_inverse=True)
    counts = np.zeros(len(cells), int)
    np.add.at(counts, place.ravel(), np.concatenate([counts for _, counts in parts]))
    return cells, counts
