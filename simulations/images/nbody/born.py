"""Convergence maps from lens planes: random placement, exact area averages, Born sum."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from simulations.images.nbody.planes import SLABS, Box
from simulations.images.nbody.transfer import SlabTransfer
from simulations.theory import HUBBLE_DISTANCE


def integral_image(plane: int) -> np.ndarray:
    """Integral of a plane (n, n) from its corner to every cell boundary: float64 (n + 1, n + 1)."""
    total = np.zeros((plane.shape[0] + 1, plane.shape[1] + 1))
    inner = total[1:, 1:]
    np.cumsum(plane, axis=0, dtype=np.float64, out=inner)
    np.cumsum(inner, axis=1, out=inner)
    return total


def _at_boundaries(integral, boundaries):
    """Values along axis 0 of an integral image at fractional `boundaries` [cells ≥ 0], periodically continued."""
    cells = integral.shape[0] - 1
    turns, inside = np.divmod(boundaries, cells)
    low = np.minimum(inside.astype(np.intp), cells - 1)
    high_weight = (inside - low)[:, None]
    values = integral[low] * (1 - high_weight)
    values += integral[low + 1] * high_weight
    if turns[-1] > 0:
        values += turns[:, None] * integral[-1]
    return values


def area_average(integral: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Averages of a periodic plane over the rectangles between boundaries; exact for piecewise constant cells.

    Parameters
    ----------
    integral : (n + 1, n + 1), see `integral_image`.
    rows, columns : increasing pixel boundaries (H + 1,), (W + 1,) [cells ≥ 0].

    Returns
    -------
    float64 (H, W).
    """
    sums = np.diff(_at_boundaries(np.diff(_at_boundaries(integral, rows), axis=0).T, columns), axis=0).T
    return sums / (np.diff(rows)[:, None] * np.diff(columns)[None, :])


@dataclass(frozen=True)
class LensPlanes:
    """Planes of one box, ready for many maps.

    Attributes
    ----------
    integrals : (snapshots, 3, 2, n + 1, n + 1) float64 integral images; about 0.5 GB for n = 1024.
    distances : (L,) comoving distances [Mpc/h]; plane i belongs to snapshot i // 2.
    scale_factors : (L,) of the lens planes.
    weights : (L,) convergence per unit overdensity.
    box_size : side of the planes [Mpc/h].
    omega_m : density of matter.
    """

    integrals: np.ndarray
    distances: np.ndarray
    scale_factors: np.ndarray
    weights: np.ndarray
    box_size: float
    omega_m: float

    def towards(self, source_distance: float) -> Self:
        """The same planes in front of sources at this comoving distance [Mpc/h], not beyond the last plane."""
        weights = born_weights(self.distances, self.scale_factors, source_distance, self.omega_m)
        return replace(self, weights=weights)


def born_weights(
    distances: np.ndarray, scale_factors: np.ndarray, source_distance: float, omega_m: float
) -> np.ndarray:
    """`(3/2) Ω_m (H0/c)² χ (χ_s − χ)/χ_s Δχ / a` of lens planes (Bartelmann & Schneider 2001, eq. 6.16).

    The planes are equidistant, the first half a spacing away. What lies behind the source has no weight: of the plane
    that the source is in, Δχ is the part in front of it and χ the middle of that part.
    """
    half = distances[0]
    near, far = distances - half, np.minimum(distances + half, source_distance)
    middle, thickness = (near + far) / 2, np.maximum(far - near, 0.0)
    geometry = middle * (source_distance - middle) / source_distance
    return 1.5 * omega_m / HUBBLE_DISTANCE**2 * geometry * thickness / scale_factors


def lens_planes(box: Box, slab_transfer: SlabTransfer | None = None) -> LensPlanes:
    """Filter the planes of a `Box` by a `SlabTransfer` (None: leave them) and integrate them, once for all maps."""
    snapshots, axes, slabs, n, _ = box.planes.shape
    integrals = np.empty((snapshots, axes, slabs, n + 1, n + 1))
    for snapshot in range(snapshots):
        planes = box.planes[snapshot]
        if slab_transfer is not None:
            planes = slab_transfer(planes, snapshot, box.settings.box_size)
        for axis in range(axes):
            for slab in range(slabs):
                integrals[snapshot, axis, slab] = integral_image(planes[axis, slab])
    omega_m, distances, scale_factors = box.cosmology["omega_m"], box.lens_distances, box.lens_scale_factors
    weights = born_weights(distances, scale_factors, box.source_distance, omega_m)
    return LensPlanes(integrals, distances, scale_factors, weights, box.settings.box_size, omega_m)


def draw_map(planes: LensPlanes, shape: tuple[int, int], pixel_arcmin: float, rng: np.random.Generator) -> np.ndarray:
    """One convergence map of a random line of sight.

    Each lens plane gets a random axis, slab, periodic shift, flips and transposition of its own.

    Parameters
    ----------
    planes : `LensPlanes`. shape : (H, W). pixel_arcmin : pixel side [arcmin]. rng : `numpy.random.Generator`.

    Returns
    -------
    float32 (H, W).

    # ASSUME: Born approximation, flat sky, parallel transverse axes; consecutive planes are independent.
    """
    _, axes, _, n, _ = planes.integrals.shape
    cells_per_length = (n - 1) / planes.box_size
    angle = np.deg2rad(pixel_arcmin / 60)
    kappa = np.zeros(shape)
    for i, (distance, weight) in enumerate(zip(planes.distances, planes.weights, strict=True)):
        axis, slab = rng.integers(axes), rng.integers(SLABS)
        flip_rows, flip_columns, transpose = rng.integers(2, size=3)
        corner = rng.uniform(0, n - 1, size=2)
        if weight == 0:
            continue
        sides = shape[::-1] if transpose else shape
        pixel = distance * angle * cells_per_length
        rows, columns = (start + pixel * np.arange(side + 1) for start, side in zip(corner, sides, strict=True))
        delta = area_average(planes.integrals[i // SLABS, axis, slab], rows, columns)
        delta = delta.T if transpose else delta
        kappa += weight * delta[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]
    return kappa.astype(np.float32)
