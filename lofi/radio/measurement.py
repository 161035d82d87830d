"""What visibilities say about an image: the sums that imaging works with, taken over parts of the visibilities."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, Self

import numpy as np

from lofi.radio.operator import LARGE, VisibilityOperator
from lofi.radio.weighting import Weighting

LOUD = 3000.0  # rms of a dirty image over its noise, up to which transforms of SINGLE are exact to 0.03 of the noise
SINGLE = 1e-5


class Operator(Protocol):
    """Images to visibilities and back: `VisibilityOperator`, or `WideFieldOperator` with the w-term."""

    def __len__(self) -> int:
        """The number M of visibilities."""

    def within(self, tolerance: float) -> Self:
        """The same, or one that is faster with at least this relative tolerance."""

    def forward(self, images: np.ndarray) -> np.ndarray:
        """Visibilities (..., M), Jy, of images (..., H, W), Jy/pixel."""

    def point(self, column: float, row: float, samples: slice = slice(None)) -> tuple[np.ndarray, ...]:
        """Visibilities (m,) of 1 Jy at an offset in pixels from the phase centre, and by how much their phase falls, in
        radians, from one column, and from one row, to the next there: (m,) both."""

    def adjoint(self, visibilities: np.ndarray) -> np.ndarray:
        """The real adjoint, (..., H, W), of visibilities (..., M)."""

    def normal(self, images: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """`adjoint(weights * forward(images))`, of the images' shape, of weights (M,)."""


@dataclass(frozen=True, eq=False)
class Part:
    """Visibilities that are in memory at a time.

    Attributes
    ----------
    flat : the operator without the w-term. exact : with it, or `flat` where it is negligible.
    visibilities : (P, M) complex, Jy, of P skies seen alike. sigma : (M,), Jy, up to a factor per sky.
    frequency : (M,) Hz, or None where it does not matter.
    imaging : the operator whose adjoint makes images in Jy/beam; None: `exact`, which may have a spectral index.
    sampled : (M,) bool, which of them checks of the noise look at; None where there are no checks.
    """

    flat: VisibilityOperator
    exact: Operator
    visibilities: np.ndarray
    sigma: np.ndarray
    frequency: np.ndarray | None = None
    imaging: Operator | None = None
    sampled: np.ndarray | None = None

    @property
    def samples(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What a `Weighting` takes."""
        return self.flat.x, self.flat.y, self.sigma


@dataclass(frozen=True, eq=False)
class Measurement:
    """Visibilities of one sky, or of P skies seen alike, on an image grid.

    Attributes
    ----------
    parts : of the visibilities; read again in every pass over them.
    shape : (H, W). exact : whether `flat` is the whole operator in all parts. scale : (P,), the factor on sigma.
    natural : weights, sum 1. psf : (2H, 2W), of these without the w-term: the convolution of the reconstruction.
    dirty : (P, H, W) of these, Jy/beam. noise : (P,) of the dirty images. power : (P,) `Σ W |V|²`, Jy².
    count : number M of visibilities of a sky. longest : of their distances from u = v = 0, radians per pixel.
    """

    parts: Iterable[Part]
    shape: tuple[int, int]
    exact: bool
    scale: np.ndarray
    natural: Weighting
    psf: np.ndarray
    dirty: np.ndarray
    noise: np.ndarray
    power: np.ndarray
    count: int
    longest: float

    def with_parts(self, parts: Iterable[Part]) -> Self:
        """The measurement of other visibilities of the same baselines and noise."""
        dirty = power = 0.0
        for part in parts:
            weights = self.natural.of(*part.samples)
            dirty, power = dirty + _dirty(part, weights), power + _power(part, weights)
        return replace(self, parts=parts, dirty=dirty, power=power)

    def weighting(self, weighting: str, robust: float = 0.0) -> Weighting:
        """Imaging weights by name."""
        return Weighting((part.samples for part in self.parts), self.shape, weighting, robust)

    def doubled_psf(self, weighting: Weighting) -> np.ndarray:
        """PSF (2H, 2W), peak 1 at (H, W), without the w-term, as of `VisibilityOperator.psf`."""
        return sum(part.flat.autocorrelation(weighting.of(*part.samples)) for part in self.parts)

    def psf_and_dirty(self, weighting: Weighting) -> tuple[np.ndarray, np.ndarray]:
        """PSF (H, W) with its peak at (H // 2, W // 2), and dirty images (P, H, W), Jy/beam, both with the w-term."""
        psf, dirty = np.zeros(self.shape), np.zeros((len(self.scale), *self.shape))
        for part in self.parts:
            weights = weighting.of(*part.samples)
            psf += part.exact.adjoint(weights.astype(complex))
            dirty += part.exact.adjoint(weights * part.visibilities)
        return psf, dirty

    def dirty_image(self, weighting: Weighting) -> np.ndarray:
        """Dirty images (P, H, W), Jy/beam, with the w-term."""
        return sum(_dirty(part, weighting.of(*part.samples)) for part in self.parts)

    @cached_property
    def below_noise(self) -> float:
        """Relative tolerance of transforms that stays far below the noise: SINGLE, or 0 where the sky is too bright."""
        return SINGLE if np.max(self.dirty.std((-2, -1)) / self.noise) < LOUD else 0.0

    def normal(self, images: np.ndarray, tolerance: float = 0.0) -> np.ndarray:
        """The exact normal operator `A* W A` of natural weights: (P, H, W), Jy/beam, of images in Jy/pixel.

        tolerance : of its rms; 0: what stays far below the noise. In single precision from SINGLE on.
        """
        tolerance = max(tolerance, self.below_noise)
        images = images.astype(_precision(tolerance))

        return sum(part.exact.within(tolerance).normal(images, self.natural.of(*part.samples)) for part in self.parts)

    def residual(
        self,
        images: np.ndarray,
        *weightings: Weighting,
        see: Callable[[Part, np.ndarray], None] | None = None,
        tolerance: float = 0.0,
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """What images (P, H, W), Jy/pixel, do not account for, `V − A I`, with the w-term.

        `see` is called with each part and its missing visibilities (P, M). tolerance : as of `normal`.

        Returns
        -------
        residual images (P, H, W), Jy/beam, one array for each weighting; reduced χ² (P,),
        `Σ |V − A I|² / (2 sigma² M)`.
        """
        residuals = [np.zeros((len(self.scale), *self.shape)) for _ in weightings]
        squares = np.zeros(len(self.scale))
        images = np.asarray(images, dtype=_precision(tolerance))
        for part in self.parts:
            exact = part.exact.within(tolerance)
            predicted = exact.forward(images)
            missing = part.visibilities - predicted
            squares += ((np.abs(missing) / part.sigma) ** 2).sum(-1)
            operator = exact if part.imaging is None else part.imaging
            for weighting, residual in zip(weightings, residuals, strict=True):
                weighted = weighting.of(*part.samples) * missing
                residual += operator.adjoint(weighted.astype(predicted.dtype, copy=False))
            if see is not None:
                see(part, missing)
        return residuals, squares / (2 * self.scale**2 * self.count)


def measure(parts: Iterable[Part], shape: tuple[int, int], scale: np.ndarray | None = None) -> Measurement:
    """The `Measurement` of parts of visibilities whose noise is `sigma` times `scale` (P,), ones if not given."""
    natural = Weighting((part.samples for part in parts), shape, "natural")
    psf, exact, count, longest = np.zeros(tuple(2 * size for size in shape)), True, 0, 0.0
    dirty = power = 0.0
    for part in parts:
        weights = natural.of(*part.samples)
        psf += part.flat.autocorrelation(weights)
        dirty, power = dirty + _dirty(part, weights), power + _power(part, weights)
        exact = exact and part.exact is part.flat
        count += len(part.sigma)
        longest = max(longest, float(np.hypot(part.flat.x, part.flat.y).max()))
    scale = np.ones(len(power)) if scale is None else np.asarray(scale, dtype=float)
    return Measurement(
        parts=parts,
        shape=tuple(shape),
        exact=exact,
        scale=scale,
        natural=natural,
        psf=psf if psf.size <= LARGE else psf.astype(np.float32),
        dirty=dirty,
        noise=scale * natural.noise,
        power=power,
        count=count,
        longest=longest,
    )


def _precision(tolerance):
    return np.float32 if tolerance >= SINGLE else np.float64


def _dirty(part, weights):
    return part.exact.adjoint(weights * part.visibilities)


def _power(part, weights):
    return (weights * np.abs(part.visibilities) ** 2).sum(-1)


def flat_part(x: np.ndarray, y: np.ndarray, visibilities: np.ndarray, sigma: np.ndarray, shape: tuple) -> Part:
    """A `Part` without w-term: visibilities (P, M) at x, y (M,) radians per pixel."""
    operator = VisibilityOperator(x, y, shape)
    return Part(operator, operator, np.atleast_2d(visibilities), np.asarray(sigma, dtype=float))
