"""A sky with a spectral index in each pixel, as visibilities of many frequencies see it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from lofi.radio.measurement import Measurement, Operator, Part

REST = 1e-3  # of the exponential series, relative, where the index is largest


def logarithm(frequency: np.ndarray, reference_hz: float) -> np.ndarray:
    """`t = ln(frequency / reference)` (M,)."""
    return np.log(frequency / reference_hz)


class Tilted:
    """The operator of images at the reference frequency: `V = A exp(alpha t) I`, `t = ln(frequency / reference)`.

    By the series `exp(c t) Σ_k t^k / k! · A (alpha − c)^k I` about the middle c of the indices, so that no channel
    needs a transform of its own.

    Parameters
    ----------
    exact : A. logarithm : t (M,). alpha : spectral index (H, W).
    """

    def __init__(self, exact: Operator, logarithm: np.ndarray, alpha: np.ndarray) -> None:
        self.exact, self.logarithm, self.alpha = exact, logarithm, alpha
        self._middle = (alpha.min() + alpha.max()) / 2

    def __len__(self) -> int:
        """The number M of visibilities."""
        return len(self.logarithm)

    def _terms(self):
        distance = self.alpha - self._middle
        time, image = np.exp(self._middle * self.logarithm), np.ones_like(self.alpha)
        largest, term, order = float(np.abs(distance).max() * np.abs(self.logarithm).max()), 1.0, 0
        while term > REST:
            yield time, image
            order += 1
            term *= largest / order
            time, image = time * self.logarithm / order, image * distance

    def within(self, tolerance: float) -> Self:
        """The same with an operator A of at least this relative tolerance."""
        return Tilted(self.exact.within(tolerance), self.logarithm, self.alpha)

    def forward(self, images: np.ndarray) -> np.ndarray:
        """Visibilities (..., M), Jy, of images (..., H, W), Jy/pixel."""
        return sum(time * self.exact.forward(power * images) for time, power in self._terms())

    def adjoint(self, visibilities: np.ndarray) -> np.ndarray:
        """The real adjoint, (..., H, W), of visibilities (..., M)."""
        return sum(power * self.exact.adjoint(time * visibilities) for time, power in self._terms())

    def normal(self, images: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """`adjoint(weights * forward(images))`, of the images' shape, of weights (M,)."""
        return self.adjoint(weights * self.forward(images))

    def point(self, column: float, row: float, samples: slice = slice(None)) -> tuple[np.ndarray, ...]:
        """As of `Operator`, with the spectrum of the nearest pixel."""
        height, width = self.alpha.shape
        alpha = self.alpha[round(row) + height // 2, round(column) + width // 2]
        values, *turns = self.exact.point(column, row, samples)
        return values * np.exp(alpha * self.logarithm[samples]), *turns


@dataclass(frozen=True, eq=False)
class TiltedParts:
    """Parts of a measurement, seen with a spectral index (H, W) about a reference frequency in Hz."""

    parts: Iterable[Part]
    reference_hz: float
    alpha: np.ndarray

    def __iter__(self) -> Iterator[Part]:
        for part in self.parts:
            time = logarithm(part.frequency, self.reference_hz)
            yield replace(part, exact=Tilted(part.exact, time, self.alpha), imaging=part.exact)


def tilted(measurement: Measurement, reference_hz: float, alpha: np.ndarray) -> Measurement:
    """The measurement of a sky with the spectral index `alpha` (H, W): its images are those at the reference."""
    parts = TiltedParts(measurement.parts, reference_hz, alpha)
    return replace(measurement.with_parts(parts), exact=False)
