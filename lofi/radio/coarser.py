"""Pixels twice as large, on which a reconstruction begins: most of its way costs a quarter there.

A local field serves every pixel size, and where a pixel is a third of the resolution nearly all visibilities fit on
pixels twice as large. Those that do not are left to the iterations on the image's own pixels.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
import torch
from scipy.ndimage import map_coordinates

from lofi.radio.measurement import Measurement, Part, measure
from lofi.radio.operator import halved
from lofi.radio.short_spacings import ShortSpacings

SMALLEST = 128  # pixels of the shorter side of the coarser image; priors are trained on so many
SHARE = 0.9  # ASSUME: of the visibilities that must fit on the larger pixels
KEPT = 2**20  # samples that stay in memory; of large images as many as pixels
AT_ONCE = 2**22  # of others


@dataclass(frozen=True, eq=False)
class CoarserParts:
    """Those samples of parts that pixels twice as large can show; `kept` in memory or made in each pass."""

    parts: Iterable[Part]
    kept: bool = False

    def __iter__(self) -> Iterator[Part]:
        return iter(self._list) if self.kept else self._make()

    @cached_property
    def _list(self):
        return list(self._make())

    def _make(self):
        for part in self.parts:
            fitting = np.flatnonzero(_fits(part))
            length = max(len(fitting), 1) if self.kept else AT_ONCE
            for samples in (fitting[first : first + length] for first in range(0, len(fitting), length)):
                flat = part.flat.coarser(samples)
                exact = flat if part.exact is part.flat else part.exact.coarser(samples)
                frequency = None if part.frequency is None else part.frequency[samples]
                yield Part(flat, exact, part.visibilities[:, samples], part.sigma[samples], frequency)


def coarser(measurement: Measurement) -> Measurement:
    """A measurement of one spectrum on pixels twice as large, of the samples that fit on them."""
    kept = measurement.count <= max(KEPT, np.prod(measurement.shape))
    return measure(CoarserParts(measurement.parts, bool(kept)), halved(measurement.shape), measurement.scale)


def serves(measurement: Measurement) -> bool:
    """Whether pixels twice as large make no small image, and nearly all visibilities fit on them."""
    if min(halved(measurement.shape)) < SMALLEST:
        return False
    return sum(int(_fits(part).sum()) for part in measurement.parts) >= SHARE * measurement.count


def _fits(part):
    """Which samples (M,) pixels twice as large can show."""
    return np.maximum(np.abs(part.flat.x), np.abs(part.flat.y)) < np.pi / 2


def coarser_spacings(spacings: ShortSpacings | None) -> ShortSpacings | None:
    """The same of pixels twice as large."""
    if spacings is None:
        return None
    hole = None if spacings.hole is None else 2 * spacings.hole
    return replace(spacings, shortest=2 * spacings.shortest, hole=hole)


def coarser_mask(allowed: np.ndarray) -> np.ndarray:
    """Pixels twice as large that have a part in a mask (H, W)."""
    mask = np.zeros(halved(allowed.shape), dtype=bool)
    chosen = np.nonzero(allowed)
    for roundings in product((np.floor, np.ceil), repeat=2):
        sides = zip(roundings, _places(allowed.shape), chosen, mask.shape, strict=True)
        mask[tuple(round_(places[at]).astype(int).clip(0, half - 1) for round_, places, at, half in sides)] = True
    return mask


def finer(image: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Image of `shape`, by cubic splines, of one (h, w) on pixels twice as large about the same centre."""
    return map_coordinates(image, np.meshgrid(*_places(shape), indexing="ij"), order=3, mode="nearest")


def finer_positive(images: torch.Tensor, shape: tuple[int, int]) -> np.ndarray:
    """Images (P, *shape), Jy/pixel, not negative, of those (P, h, w) on pixels twice as large, with their flux."""
    coarse = images.cpu().numpy().astype(np.float64)
    fine = np.stack([finer(image, shape) for image in coarse]).clip(min=0)  # splines ring: without this, flux is added
    flux, clipped = coarse.sum((-2, -1)), fine.sum((-2, -1))
    return fine * np.divide(flux, clipped, out=np.zeros_like(flux), where=clipped > 0)[:, None, None]


def _places(shape):
    """Rows and columns of the pixels of an image among those twice as large."""
    return [(np.arange(size) - size // 2) / 2 + half // 2 for size, half in zip(shape, halved(shape), strict=True)]
