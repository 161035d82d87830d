"""Parallel-beam tomography: the Radon transform of pixel images, its adjoint and filtered backprojection."""

from functools import lru_cache

import numpy as np
import scipy.fft
from scipy.sparse import csr_array

FOOTPRINT = 3  # detector bins that a pixel's shadow, at most √2 wide, can fall on


class ParallelBeam:
    """Line integrals of square images, constant in each pixel, averaged over detector bins as wide as a pixel.

    Projection number i of `angles` views along the direction of the angle θ = i · 180°/angles: the detector coordinate
    is `t = x cos θ + y sin θ` about the centre of the image, in pixels (docs/conventions.md). The detector covers the
    diagonal. The matrix is exact: a pixel's shadow is a trapezoid, and its share of a bin a difference of integrals.

    Attributes
    ----------
    pixels : on a side of the image, at least 2. angles : number of projections, at least 1.
    bins : number of detector bins, symmetric about the centre.
    """

    def __init__(self, pixels: int, angles: int) -> None:
        if pixels < 2 or angles < 1:
            raise ValueError(f"{angles} projections of {pixels}² pixels; expected at least 1 of at least 2²")
        self.pixels, self.angles = pixels, angles
        self.bins = 2 * int(np.ceil(pixels / np.sqrt(2))) + pixels % 2
        parts = [self._projection(angle) for angle in np.arange(angles) * np.pi / angles]
        weights, columns, bins = (np.concatenate([part[i] for part in parts]) for i in range(3))
        rows = bins + np.repeat(np.arange(angles) * self.bins, [len(part[2]) for part in parts])
        self._matrix = csr_array((weights, (rows, columns)), shape=(angles * self.bins, pixels**2), dtype=np.float32)
        self._ramp = _ramp(self.bins)

    def _projection(self, angle):
        """Weights, pixels and bins of one projection, where the weights are not 0."""
        axis = np.arange(self.pixels) - (self.pixels - 1) / 2
        centre = (
            axis * np.cos(angle) + axis[:, None] * np.sin(angle)
        ).ravel() + self.bins / 2  # bin b: from b to b + 1
        wide, narrow = np.sort(np.abs([np.cos(angle), np.sin(angle)]))[::-1] / 2
        first = np.floor(centre - wide - narrow).astype(np.int32)
        edges = [_shadow(first + step - centre, wide, narrow) for step in range(FOOTPRINT + 1)]
        bins = np.stack([first + step for step in range(FOOTPRINT)])
        weights = np.diff(edges, axis=0)
        kept = (weights > 1e-7) & (bins >= 0) & (bins < self.bins)
        return weights[kept].astype(np.float32), np.nonzero(kept)[1].astype(np.int32), bins[kept]

    def project(self, images: np.ndarray) -> np.ndarray:
        """Images (..., pixels, pixels) → sinograms (..., angles, bins), float32; values times pixels."""
        return self._apply(self._matrix, images, (self.pixels, self.pixels), (self.angles, self.bins))

    def backproject(self, sinograms: np.ndarray) -> np.ndarray:
        """The adjoint of `project`: sinograms (..., angles, bins) → images (..., pixels, pixels), float32."""
        return self._apply(self._matrix.T, sinograms, (self.angles, self.bins), (self.pixels, self.pixels))

    def fbp(self, sinograms: np.ndarray) -> np.ndarray:
        """Filtered backprojection with the Ram–Lak filter, no window; the inverse of `project` for many angles."""
        length = 2 * len(self._ramp) - 2
        spectra = scipy.fft.rfft(np.asarray(sinograms, np.float32), length, workers=1) * self._ramp
        filtered = scipy.fft.irfft(spectra, length, workers=1)[..., : self.bins]
        return self.backproject(filtered) * np.float32(np.pi / self.angles)

    @staticmethod
    def _apply(matrix, arrays, incoming, outgoing):
        arrays = np.asarray(arrays, np.float32)
        if arrays.shape[-2:] != incoming:
            raise ValueError(f"the array has the shape {arrays.shape}; expected (..., {incoming[0]}, {incoming[1]})")
        columns = np.ascontiguousarray(arrays.reshape(-1, incoming[0] * incoming[1]).T)
        return np.ascontiguousarray((matrix @ columns).T).reshape(*arrays.shape[:-2], *outgoing)


def _shadow(s, wide, narrow):
    """The part before `s` of a trapezoid of area 1 about 0, the convolution of boxes of these half-widths."""
    if narrow < 1e-6:
        return np.clip(s / (2 * wide) + 0.5, 0, 1)
    corners = [np.maximum(s + a * wide + b * narrow, 0) ** 2 for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
    return (corners[0] - corners[1] - corners[2] + corners[3]) / (8 * wide * narrow)


def _ramp(bins):
    """Ram–Lak filter of real spectra, from its samples in space so that the mean survives (Kak & Slaney, eq. 3.61)."""
    length = scipy.fft.next_fast_len(2 * bins, real=True)
    length += length % 2
    place = np.fft.fftfreq(length, 1 / length)
    kernel = np.zeros(length)
    kernel[0] = 0.25
    odd = place % 2 == 1
    kernel[odd] = -1 / (np.pi * place[odd]) ** 2
    return np.fft.rfft(kernel).real.astype(np.float32)


@lru_cache(maxsize=4)
def parallel_beam(pixels: int, angles: int) -> ParallelBeam:
    """The `ParallelBeam` of that size, computed once per process."""
    return ParallelBeam(pixels, angles)
