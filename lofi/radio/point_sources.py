"""Unresolved sources at exact positions, which pixels cannot represent, and what visibilities say of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from lofi.radio.beam import Beam
from lofi.radio.measurement import Measurement, Operator, Part

BLOCK = 2**22  # numbers of the design matrix in memory
KEPT = 2**20  # numbers of the sources' visibilities in memory; of large images as many as pixels
WIDTHS = 4  # of the beam: 1e-19 of its peak


@dataclass(frozen=True, eq=False)
class PointSources:
    """K unresolved sources of one spectrum.

    Attributes
    ----------
    values : (K, 3), offset in pixels from the phase centre along columns (towards West) and along rows (towards
        North), and flux in Jy.
    errors : (K, 3), standard deviations of these from the noise of the visibilities alone.
    """

    values: np.ndarray
    errors: np.ndarray

    @classmethod
    def at(cls, values: Iterable) -> Self:
        """Sources whose errors are not known."""
        values = np.array(values, dtype=float).reshape(-1, 3)
        return cls(values, np.full_like(values, np.nan))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def flux(self) -> np.ndarray:
        """(K,), Jy."""
        return self.values[:, 2]

    def of(self, chosen: np.ndarray) -> Self:
        """Some of the sources, by a mask or by numbers."""
        return PointSources(self.values[chosen], self.errors[chosen])

    def visibilities(self, operator: Operator) -> np.ndarray | float:
        """What they add to the visibilities (M,) of an operator, Jy, exactly."""
        return sum((flux * operator.point(column, row)[0] for column, row, flux in self.values), 0.0)

    def offset(self, column: float, row: float) -> np.ndarray:
        """Distances (K,) from a place, in pixels."""
        return np.hypot(self.values[:, 0] - column, self.values[:, 1] - row)

    def near(self, others: Self, distance: float) -> np.ndarray:
        """Which (K,) of others are nearer than a distance in pixels to one of them."""
        return np.array([(self.offset(*place) < distance).any() for place in others.values[:, :2]], dtype=bool)

    def pixels(self, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns (K,) of the nearest pixels of an image (H, W)."""
        height, width = shape
        column, row = np.rint(self.values[:, :2].T).astype(int)
        return row + height // 2, column + width // 2

    def within(self, allowed: np.ndarray) -> np.ndarray:
        """Which of them, (K,) bool, are in pixels of an image that are true in `allowed` (H, W)."""
        rows, columns = self.pixels(allowed.shape)
        inside = (rows >= 0) & (rows < allowed.shape[0]) & (columns >= 0) & (columns < allowed.shape[1])
        inside[inside] = allowed[rows[inside], columns[inside]]
        return inside

    def image(self, shape: tuple[int, int]) -> np.ndarray:
        """Each one's flux in its nearest pixel: (H, W), Jy/pixel."""
        image = np.zeros(shape)
        np.add.at(image, self.pixels(shape), self.flux)
        return image

    def restored(self, shape: tuple[int, int], beam: Beam) -> np.ndarray:
        """Each one as the beam at its exact place: (H, W), Jy/beam."""
        image, radius = np.zeros(shape), beam.bmaj * WIDTHS
        for column, row, flux in self.values:
            window, x, y = around(shape, column, row, radius)
            image[window] += flux * beam.at(x, y)
        return image

    def design(self, operator: Operator, samples: slice) -> np.ndarray:
        """Derivatives (3K, m) of some of the visibilities by column, row and flux of each source."""
        rows = []
        for column, row, flux in self.values:
            value, by_column, by_row = operator.point(column, row, samples)
            rows += [flux * by_column, flux * by_row, value]
        return np.array(rows)


@dataclass(frozen=True, eq=False)
class _Remaining:
    """Parts without sources; the rest of their visibilities is kept as far as `room` for so many numbers lasts."""

    parts: Iterable[Part]
    sources: PointSources
    room: int = 0
    _kept: list[np.ndarray] = field(default_factory=list)

    def __iter__(self) -> Iterator[Part]:
        for number, part in enumerate(self.parts):
            if number < len(self._kept):
                rest = self._kept[number]
            else:
                rest = part.visibilities - self.sources.visibilities(part.exact)
                if number == len(self._kept) and sum(kept.size for kept in self._kept) + rest.size <= self.room:
                    self._kept.append(rest)
            yield replace(part, visibilities=rest)


def without(measurement: Measurement, sources: PointSources) -> Measurement:
    """The measurement of one sky as it would be without the sources."""
    if not len(sources):
        return measurement
    room = max(KEPT, measurement.shape[0] * measurement.shape[1])
    return measurement.with_parts(_Remaining(measurement.parts, sources, room))


def residual_without(measurement: Measurement, sources: PointSources, image: np.ndarray) -> np.ndarray:
    """What an image (H, W), Jy/pixel, and the sources leave of one sky, in natural weights: (H, W), Jy/beam."""
    parts = _Remaining(measurement.parts, sources) if len(sources) else measurement.parts
    rest, tolerance = replace(measurement, parts=parts), measurement.below_noise
    (residual,), _ = rest.residual(image[None], measurement.natural, tolerance=tolerance)
    return residual[0]


def fitted(measurement: Measurement, image: np.ndarray, sources: PointSources) -> PointSources:
    """One step of Gauss and Newton: all places and fluxes that explain `V − A I` best, in natural weights.

    measurement : of one sky, with the sources. image : (H, W), Jy/pixel, of all else.
    """
    step, variance = _least_squares(measurement, image, sources, sources.design)
    errors = measurement.noise[0] * np.sqrt(variance)
    return PointSources(sources.values + step.reshape(-1, 3), errors.reshape(-1, 3))


def extents(measurement: Measurement, image: np.ndarray, sources: PointSources) -> np.ndarray:
    """Variance (K,) in pixels² of the round Gaussian that explains `V − A I` best in place of each source.

    One step from the points, with places and fluxes: of small sources, whose visibilities are
    `f exp(−i k·p) (1 − σ² k² / 2)`. Arguments as of `fitted`.
    """

    def design(operator, samples):
        rows = sources.design(operator, samples).reshape(len(sources), 3, -1)
        wavenumber = np.abs(rows[:, :2]) ** 2  # of |f|² (x², y²)
        shrunk = -0.5 * wavenumber.sum(1) / np.abs(rows[:, 2]) ** 2 * rows[:, 2] / sources.flux[:, None]
        return np.concatenate([rows, shrunk[:, None]], 1).reshape(4 * len(sources), -1)

    step, _ = _least_squares(measurement, image, sources, design)
    return step[3::4]


def _least_squares(measurement, image, sources, design):
    """Step and variance, for noise of 1, of the parameters whose derivatives (P, m) are `design(operator, samples)`."""
    normal = gradient = 0.0
    for part in measurement.parts:
        weights = measurement.natural.of(*part.samples)
        missing = part.visibilities[0] - part.exact.forward(image) - sources.visibilities(part.exact)
        length = BLOCK // (4 * len(sources))
        for start in range(0, len(weights), length):
            samples = slice(start, start + length)
            derivatives = design(part.exact, samples)
            weighted = derivatives.conj() * weights[samples]
            normal = normal + (weighted @ derivatives.T).real
            gradient = gradient + (weighted @ missing[samples]).real
    unit = np.sqrt(np.diag(normal))  # pixels and Jy differ by orders of magnitude
    inverse = np.linalg.pinv(normal / np.outer(unit, unit), hermitian=True)
    return inverse @ (gradient / unit) / unit, np.diag(inverse) / unit**2


def around(
    shape: tuple[int, int], column: float, row: float, radius: float
) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
    """Slices of the pixels near an offset from the phase centre, and their distances from it in x and y."""
    height, width = shape
    row, column = row + height // 2, column + width // 2
    rows = slice(max(int(np.ceil(row - radius)), 0), max(int(row + radius) + 1, 0))
    columns = slice(max(int(np.ceil(column - radius)), 0), max(int(column + radius) + 1, 0))
    y, x = np.mgrid[rows.start : min(rows.stop, height), columns.start : min(columns.stop, width)]
    return (rows, columns), x - column, y - row
