"""Weights of visibilities: natural, uniform and Briggs (Briggs 1995, thesis, ch. 3). All sum to 1."""

import math
from collections.abc import Iterable

import numpy as np

from lofi.radio.imaging_options import WEIGHTINGS

PADDING = 1.2  # WSClean's default
Samples = tuple[np.ndarray, np.ndarray, np.ndarray]  # x, y in radians per pixel along columns and rows; sigma: (M,)


def normalised(weights: np.ndarray) -> np.ndarray:
    """Weights (M,) divided by their sum; they must be finite, not negative and not all 0."""
    weights = np.asarray(weights, dtype=np.float64)
    if weights.ndim != 1 or not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum() > 0:
        raise ValueError("weights must be (M,), finite, not negative and not all 0")
    return weights / weights.sum()


class Weighting:
    """Weights of visibilities that come in parts; over all parts they sum to 1.

    With the natural weight `w = 1 / sigma²` of a sample and the sum D of natural weights in its uv cell:

    natural : `w`, the least noise in the image. uniform : `w / D`, every cell counts the same.
    briggs : `w / (1 + f² D)`, `f² = (5 · 10^−robust)² / (Σ_k D_k² / Σ_i w_i)`, k over cells, i over visibilities:
        between uniform (`robust` below about −2) and natural (above about 2).

    Parameters
    ----------
    parts : of the samples. shape : (H, W) of the image. weighting, robust : its name; robust is of briggs.

    Notes
    -----
    Cells are those of WSClean (its class ImageWeights): a side has 1.2 times as many as the image has pixels, where odd
    sides count one more, up to the next multiple of 4; cell k reaches from k to k + 1 over that field. Of a visibility
    and its conjugate the one counts that lies in the half plane y ≤ 0, so v ≤ 0.
    """

    def __init__(self, parts: Iterable[Samples], shape: tuple[int, int], weighting: str, robust: float = 0.0) -> None:
        if weighting not in WEIGHTINGS:
            raise ValueError(f"weighting is {weighting!r}; expected one of {', '.join(WEIGHTINGS)}")
        if not np.isfinite(robust):
            raise ValueError(f"robust is {robust}; expected a finite number")
        self._constant, self._slope = 1.0, 0.0
        self._unit, self._density = None, None  # the first sigma: weights near 1
        self._sides = tuple(_cells(size) for size in shape)
        height, width = self._sides
        density, total = np.zeros((height // 2 + 1) * (width + 1) if weighting != "natural" else 0), 0.0
        for x, y, sigma in parts:
            natural = self._natural(sigma)
            total += natural.sum()
            if density.size:
                density += np.bincount(self._cell(x, y), natural, density.size)
        if density.size:
            self._density = density
            constant, slope = 0.0, 1.0
            if weighting == "briggs":
                constant, slope = 1.0, (5.0 * 10.0**-robust) ** 2 / ((density**2).sum() / total)
            self._constant, self._slope = constant, slope
            seen = density[density > 0]
            divisor = constant + slope * seen
            self._sum, squared = (seen / divisor).sum(), (seen / divisor**2).sum()
        else:
            self._sum = squared = total
        self.noise = float(self._unit * np.sqrt(squared) / self._sum)
        """Noise of a pixel of the dirty image, `√(Σ W² sigma²)`, Jy/beam."""

    def of(self, x: np.ndarray, y: np.ndarray, sigma: np.ndarray) -> np.ndarray:
        """Weights (M,) of one part."""
        natural = self._natural(sigma)
        if self._density is not None:
            natural = natural / (self._constant + self._slope * self._density[self._cell(x, y)])
        return natural / self._sum

    def _natural(self, sigma):
        sigma = np.asarray(sigma, dtype=np.float64)
        if not (sigma > 0).all():
            raise ValueError("sigma must be positive")
        if self._unit is None:
            self._unit = float(sigma.min())
        return (self._unit / sigma) ** 2

    def _cell(self, x, y):
        if len(x) != len(y):
            raise ValueError(f"x and y have {len(x)} and {len(y)} visibilities")
        height, width = self._sides
        row = np.floor(np.abs(y) * (height / (2 * np.pi))).astype(np.int64)
        column = np.floor(np.where(y > 0, -x, x) * (width / (2 * np.pi))).astype(np.int64) + width // 2
        return row * (width + 1) + column


def _cells(size):
    """Cells along a side of so many pixels."""
    cells = math.ceil(PADDING * (size + size % 2))
    return cells + -cells % 4


def imaging_weights(
    x: np.ndarray, y: np.ndarray, shape: tuple[int, int], sigma: np.ndarray, weighting: str, robust: float = 0.0
) -> np.ndarray:
    """The `Weighting` of samples that are all at hand: (M,)."""
    if not len(x) == len(y) == len(sigma):
        raise ValueError(f"x, y and sigma have {len(x)}, {len(y)} and {len(sigma)} visibilities")
    return Weighting([(x, y, sigma)], shape, weighting, robust).of(x, y, sigma)
