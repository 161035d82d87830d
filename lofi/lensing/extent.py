"""The field that holds a catalogue of any size: its middle and its outermost galaxies, found piece by piece."""

import numpy as np
from astropy.wcs import WCS
from scipy.spatial import ConvexHull, QhullError

from lofi.lensing.catalogue import Galaxies
from lofi.lensing.ordered_sums import OrderedSums
from lofi.lensing.tangent_plane import field_wcs, unit_vectors

FEW = 100_000  # positions that are kept as they are
WIDE = 0.5  # cosine of 60°: a catalogue that reaches so far from its middle is too wide for any tangent plane


def field_of(
    catalogue: Galaxies,
    pixel_arcmin: float,
    centre: tuple[float, float] | None = None,
    shape: tuple[int, int] | None = None,
) -> tuple[WCS, tuple[int, int]]:
    """WCS and shape of the field around a catalogue, as `lofi.lensing.tangent_plane.field_wcs` gives them."""
    if centre is not None and shape is not None:
        return field_wcs(np.empty(0), np.empty(0), pixel_arcmin, centre, shape)
    sums, outer, outside = OrderedSums(1), Outermost(), 0
    for piece in catalogue.pieces("extent"):
        x, y, z = unit_vectors(piece.ra, piece.dec).T
        sums.add(np.zeros(len(piece), int), x=x, y=y, z=z, count=1.0)
        outside += piece.outside
        outer.add(piece.ra, piece.dec)
    catalogue.judge(int(sums["count"][0]), outside)
    mean = np.array([sums[axis][0] for axis in "xyz"]) / sums["count"][0]
    return field_wcs(*outer.positions, pixel_arcmin, centre, shape, mean)


class Outermost:
    """The positions that enclose all others of each of the parts of a catalogue, found piece by piece."""

    def __init__(self) -> None:
        self._positions, self._part = np.empty((2, 0)), np.empty(0, int)

    def add(self, ra: np.ndarray, dec: np.ndarray, part: np.ndarray | int = 0) -> None:
        """Add positions (n,), degrees, with the number of the part that each is in."""
        self._positions = np.concatenate([self._positions, [ra, dec]], axis=1)
        self._part = np.concatenate([self._part, np.broadcast_to(part, len(ra))])
        if len(self._part) > FEW:
            kept = np.concatenate([rows[outermost(*self._positions[:, rows])] for rows in self._rows().values()])
            self._positions, self._part = self._positions[:, kept], self._part[kept]

    @property
    def positions(self) -> np.ndarray:
        """(2, m), of all parts."""
        return self._positions

    def of_parts(self) -> dict[int, np.ndarray]:
        """Positions (2, m) by the number of the part."""
        return {part: self._positions[:, rows] for part, rows in self._rows().items()}

    def _rows(self):
        order = np.argsort(self._part, kind="stable")
        parts, first = np.unique(self._part[order], return_index=True)
        return dict(zip(parts.tolist(), np.split(order, first[1:]), strict=True))


def outermost(ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    """Numbers of the positions, degrees, that enclose all others, whatever tangent plane they are seen in.

    Gnomonic projections turn great circles into lines, so that the convex hull is the same in all of them. Of
    positions too far apart for one plane, only the farthest and the hull of those about the middle.
    """
    vectors = unit_vectors(ra, dec)
    middle, *axes = np.linalg.svd(vectors.mean(axis=0)[None])[2]
    middle = middle * np.sign(middle @ vectors.mean(axis=0))
    height = vectors @ middle
    near = np.flatnonzero(height > WIDE)
    far = [] if len(near) == len(ra) else [int(height.argmin())]
    if len(near) < 4:
        return np.concatenate([near, far]).astype(int)
    points = vectors[near] @ np.transpose(axes) / height[near, None]
    try:
        found = ConvexHull(points).vertices
    except QhullError:  # all on one great circle
        found = np.concatenate([points.argmin(axis=0), points.argmax(axis=0)])
    return np.concatenate([near[np.unique(found)], far]).astype(int)
