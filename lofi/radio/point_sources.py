"""Sources that pixels cannot represent, points and small Gaussians, and what visibilities say of them.

The visibilities of a Gaussian of flux f at p with covariance C are `f exp(−i k·p − kᵀ C k / 2)`; of a point C is 0.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from lofi.device import share
from lofi.radio.beam import Beam
from lofi.radio.measurement import Measurement, Operator, Part

BLOCK = 2**22  # numbers of the design matrix in memory
KEPT = 2**20  # numbers of the sources' visibilities in memory; of large images as many as pixels
SAMPLES = 2**16  # whose visibilities stay in a processor's caches
TINY = 1e-9  # pixels², of a point that may become a Gaussian
WIDTHS = 9.4  # standard deviations of a Gaussian: 1e-19 of its peak


@dataclass(frozen=True, eq=False)
class PointSources:
    """K sources of one spectrum, points or Gaussians.

    Attributes
    ----------
    values : (K, 6), offset in pixels from the phase centre along columns (towards West) and along rows (towards
        North), flux in Jy, and the covariance in pixels², 0 of points: column, row, flux, xx, xy, yy.
    errors : (K, 6), standard deviations of these from the noise of the visibilities alone.
    """

    values: np.ndarray
    errors: np.ndarray

    @classmethod
    def at(cls, values: Iterable) -> Self:
        """Sources whose errors are not known; of column, row and flux alone, points."""
        values = np.array([np.pad(source, (0, 6 - len(source))) for source in values], dtype=float).reshape(-1, 6)
        return cls(values, np.full_like(values, np.nan))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def flux(self) -> np.ndarray:
        """(K,), Jy."""
        return self.values[:, 2]

    @property
    def extended(self) -> np.ndarray:
        """Which, (K,) bool, are Gaussians."""
        return self.values[:, 3:].any(1)

    @property
    def free(self) -> np.ndarray:
        """Which values, (K, 6) bool, a fit changes: the shapes of Gaussians alone."""
        return np.repeat(np.stack([np.ones(len(self), bool), self.extended], 1), 3, axis=1)

    @property
    def widths(self) -> np.ndarray:
        """Standard deviations (K, 2) along the minor and the major axis, pixels."""
        return np.linalg.eigvalsh(matrices(self.values[:, 3:])).clip(0) ** 0.5

    def of(self, chosen: np.ndarray) -> Self:
        """Some of the sources, by a mask or by numbers."""
        return PointSources(self.values[chosen], self.errors[chosen])

    def with_shapes(self, shapes: np.ndarray) -> Self:
        """The same with other covariances (K, 3)."""
        return PointSources(np.concatenate([self.values[:, :3], shapes], 1), self.errors)

    def moved(self, step: np.ndarray) -> Self:
        """Those whose free values differ by a step; covariances stay positive semi-definite. Errors are not known."""
        values = self.values.copy()
        values[self.free] += step
        variances, axes = np.linalg.eigh(matrices(values[:, 3:]))
        positive = np.einsum("kij,kj,klj->kil", axes, variances.clip(0), axes)
        values[:, 3:] = np.where(self.extended[:, None], positive[:, [0, 0, 1], [0, 1, 1]], 0.0)
        return PointSources.at(values)

    def visibilities(self, operator: Operator) -> np.ndarray | float:
        """What they add to the visibilities (M,) of an operator, Jy, exactly."""
        if not len(self):
            return 0.0
        seen = np.zeros(len(operator), complex)

        def add(start):
            samples = slice(start, start + SAMPLES)
            for source in self.values:
                seen[samples] += source[2] * _seen(operator, source, samples)[0]

        share(add, range(0, len(seen), SAMPLES))
        return seen

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
        """Points in their nearest pixels, Gaussians as means over pixels: (H, W), Jy/pixel, with all flux."""
        image, points = np.zeros(shape), self.of(~self.extended)
        np.add.at(image, points.pixels(shape), points.flux)
        for source, covariance in self.of(self.extended)._shapes():
            window, gaussian = _gaussian(shape, source, covariance + np.eye(2) / 12)  # of a pixel
            image[window] += source[2] * gaussian / gaussian.sum()
        return image

    def restored(self, shape: tuple[int, int], beam: Beam) -> np.ndarray:
        """Each one at its exact place, convolved with the beam: (H, W), Jy/beam."""
        image, area = np.zeros(shape), np.linalg.det(beam.covariance) ** 0.5
        for source, covariance in self._shapes():
            convolved = covariance + beam.covariance
            window, gaussian = _gaussian(shape, source, convolved)
            image[window] += source[2] * area / np.linalg.det(convolved) ** 0.5 * gaussian
        return image

    def _shapes(self):
        return zip(self.values, matrices(self.values[:, 3:]), strict=True)

    def design(self, operator: Operator, samples: slice) -> np.ndarray:
        """Derivatives (P, m) of some of the visibilities by the free values of each source."""
        rows = []
        for source, free in zip(self.values, self.free, strict=True):
            value, x, y = _seen(operator, source, samples)
            flux = source[2] * value
            rows += [-1j * x * flux, -1j * y * flux, value]
            if free[3:].all():
                rows += [-0.5 * x * x * flux, -x * y * flux, -0.5 * y * y * flux]
        return np.array(rows)


def matrices(shapes: np.ndarray) -> np.ndarray:
    """Covariances (..., 2, 2) of columns and rows from (..., 3): xx, xy, yy."""
    return np.asarray(shapes)[..., [[0, 1], [1, 2]]]


def _seen(operator, source, samples):
    """`Operator.point` of a source of 1 Jy and its shape.

    A small Gaussian is seen by how fast the phase turns at its place, the w-term included.
    """
    column, row, _, xx, xy, yy = source
    value, x, y = operator.point(column, row, samples)
    if xx or xy or yy:
        value = value * np.exp(-0.5 * (xx * x * x + 2 * xy * x * y + yy * y * y))
    return value, x, y


def _gaussian(shape, source, covariance):
    """Slices of the pixels near a source, and a Gaussian of unit peak there."""
    column, row, *_ = source
    window, x, y = around(shape, column, row, WIDTHS * np.linalg.eigvalsh(covariance)[-1] ** 0.5)
    (a, b), (_, c) = np.linalg.inv(covariance)
    return window, np.exp(-0.5 * (a * x * x + 2 * b * x * y + c * y * y))


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
                rest = rest.astype(np.result_type(part.visibilities, np.complex64), copy=False)
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
    """One step of Gauss and Newton: all free values that explain `V − A I` best, in natural weights.

    measurement : of one sky, with the sources. image : (H, W), Jy/pixel, of all else.
    """
    step, variance = _least_squares(measurement, image, sources)
    errors = np.zeros_like(sources.values)
    errors[sources.free] = measurement.noise[0] * np.sqrt(variance)
    return PointSources(sources.moved(step).values, errors)


def extents(measurement: Measurement, image: np.ndarray, sources: PointSources) -> np.ndarray:
    """Variance (K,) in pixels², mean of both directions, that each source lacks to explain `V − A I` best.

    One step from points and Gaussians, with places and fluxes. Arguments as of `fitted`.
    """
    round_ = np.where(sources.extended[:, None], sources.values[:, 3:], [TINY, 0, TINY])
    step, _ = _least_squares(measurement, image, sources.with_shapes(round_))
    return step.reshape(-1, 6)[:, [3, 5]].mean(1)


def _least_squares(measurement, image, sources):
    """Step and variance (P,), for noise of 1, of the free values."""
    normal = gradient = 0.0
    of_flux = np.cumsum(sources.free).reshape(-1, 6)[:, 2] - 1
    for part in measurement.parts:
        weights = measurement.natural.of(*part.samples)
        missing = part.visibilities[0] - part.exact.forward(image)
        length = BLOCK // sources.free.sum()
        for start in range(0, len(weights), length):
            samples = slice(start, start + length)
            derivatives = sources.design(part.exact, samples)
            weighted = derivatives.conj() * weights[samples]
            normal = normal + (weighted @ derivatives.T).real
            rest = missing[samples] - sources.flux @ derivatives[of_flux]
            gradient = gradient + (weighted @ rest).real
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
