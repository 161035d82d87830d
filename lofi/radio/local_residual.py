"""What a residual image becomes where the model changes in a few places: from the PSF alone, near these places.

The residual of all visibilities is exact and takes a pass over them. In between, the search for unresolved sources
changes sources and the pixels around them, and asks only for the residual there. The PSF, without the w-term, tells it
well enough: the next pass corrects what it neglects, as the major cycles of CLEAN do.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from scipy.interpolate import RectBivariateSpline
from scipy.signal import fftconvolve

from lofi.radio.point_sources import PointSources, matrices
from lofi.solvers.convolution import Convolution
from lofi.solvers.data_terms import Deconvolution
from lofi.solvers.positivity import positivity_only

MARGIN, DEGREE = 8, 5  # pixels around what is interpolated by splines of this degree
NODES = 7  # in each direction; 0.001 of the flux at the longest baselines, of a Gaussian as wide as the resolution
ITERATIONS = 30  # ASSUME: of positivity alone, as many as two major cycles have
Window = tuple[slice, slice]


@dataclass(frozen=True, eq=False)
class LocalResidual:
    """The residual of a model, right in some windows.

    Attributes
    ----------
    psf : (2H, 2W), peak 1 at (H, W). residual : (H, W), Jy/beam.
    """

    psf: np.ndarray
    residual: np.ndarray

    @property
    def _centre(self) -> tuple[int, int]:
        """Of the image."""
        return tuple(size // 2 for size in self.residual.shape)

    @property
    def _middle(self) -> tuple[int, int]:
        """Of the PSF."""
        return tuple(size // 2 for size in self.psf.shape)

    def changed(
        self, windows: Sequence[Window], gone: PointSources, come: PointSources, missing: np.ndarray | None = None
    ) -> Self:
        """In `windows`, with sources gone and others come, and an image (H, W), Jy/pixel, that the model lacks now.

        `missing` is 0 outside the windows.
        """
        patches = [] if missing is None else _patches(windows, missing)
        residual = self.residual.copy()
        for window in windows:
            values = self.residual[window].copy()
            for sources, sign in ((gone, 1), (come, -1)):
                for source in sources.values:
                    values += sign * source[2] * self._response(window, source)
            for place, patch in patches:
                values += fftconvolve(self._between(window, place), patch, mode="valid")
            residual[window] = values
        return type(self)(self.psf, residual)

    def step(self, sources: PointSources) -> PointSources:
        """One step of Gauss and Newton of all free values of sources, of which this is the residual."""
        gradient = np.concatenate([self._slopes(source) for source in sources.values])
        normal = np.block([[self._products(a, b) for b in sources.values] for a in sources.values])
        unit = np.sqrt(np.diag(normal))  # pixels and Jy differ by orders of magnitude
        return sources.moved(np.linalg.pinv(normal / np.outer(unit, unit), hermitian=True) @ (gradient / unit) / unit)

    def positive(self, window: Window, image: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        """The positive image (h, w) that explains best, with all else as it is, what an image does in a window.

        image : (H, W), Jy/pixel, of which this is the residual. allowed : (H, W) bool, where there may be emission.
        """
        height, width = (side.stop - side.start for side in window)
        row, column = self._middle
        convolution = Convolution(self.psf[row - height : row + height, column - width : column + width])
        part, residual = (torch.from_numpy(whole[window])[None].float() for whole in (image, self.residual))
        dirty = residual + convolution(part)
        unit = float(dirty.abs().max()) or 1.0  # of extreme fluxes, squares would leave single precision
        highest = torch.from_numpy(np.where(allowed[window], np.float32(np.inf), 0))
        term = Deconvolution(convolution, dirty / unit, np.ones(1), np.ones(1), 1)
        return unit * positivity_only(term, ITERATIONS, highest=highest)[0].numpy().astype(np.float64)

    def _response(self, window, source):
        """The PSF of a source of 1 Jy at the pixels of a window."""
        by_column, by_row, weights = _spread(source[3:])
        sides = zip(window, self._centre, (source[1], source[0]), (by_row, by_column), strict=True)
        rows, columns = (
            np.subtract.outer(np.arange(side.start, side.stop) - centre - place, offsets)
            for side, centre, place, offsets in sides
        )
        spline = _Spline(self.psf, self._middle, rows, columns)
        return sum(weight * spline.grid(*places) for weight, *places in zip(weights, rows.T, columns.T, strict=True))

    def _slopes(self, source):
        """Derivatives (P,) of what a source explains by its free values."""
        column, row, _, *shape = source
        mean = _Mean(self.residual, self._centre, row, column, shape)
        return np.array([factor * mean(*order) for order, factor in _derivatives(source)])

    def _products(self, one, other):
        """Products (P, Q) of the derivatives of the visibilities of two sources by their free values."""
        (column, row), shape = (one - other)[:2], (one + other)[3:]
        mean = functools.cache(_Mean(self.psf, self._middle, row, column, shape))
        return np.array(
            [
                [a * b * (-1) ** (r + c) * mean(rows + r, columns + c) for (r, c), b in _derivatives(other)]
                for (rows, columns), a in _derivatives(one)
            ]
        )

    def _between(self, window, place):
        """The PSF that the pixels of `place` have at those of a window: the kernel of a convolution."""
        sides = zip(window, place, self._middle, self.psf.shape, strict=True)
        index = [
            (np.arange(to.start - of.stop + 1, to.stop - of.start) + middle).clip(0, size - 1)
            for to, of, middle, size in sides
        ]
        return self.psf[np.ix_(*index)]


class _Spline:
    """An image between its pixels, and its derivatives, near some rows and columns relative to its `centre`."""

    def __init__(self, image, centre, rows, columns):
        index, self._first = [], []
        for places, middle, size in zip((rows, columns), centre, image.shape, strict=True):
            first, last = int(np.floor(np.min(places))) - MARGIN, int(np.ceil(np.max(places))) + MARGIN
            index.append((np.arange(first, last + 1) + middle).clip(0, size - 1))
            self._first.append(first)
        part = image[np.ix_(*index)]
        self._spline = RectBivariateSpline(*map(np.arange, part.shape), part, kx=DEGREE, ky=DEGREE)

    def grid(self, rows, columns):
        """Values at all of the rows and columns: (rows, columns)."""
        return self._spline(rows - self._first[0], columns - self._first[1])

    def at(self, rows, columns, by_row, by_column):
        """Derivatives of some orders at places (n,)."""
        return self._spline.ev(rows - self._first[0], columns - self._first[1], by_row, by_column)


class _Mean:
    """Derivatives of an image at a place, smoothed with a Gaussian of a covariance (3,): xx, xy, yy."""

    def __init__(self, image, centre, row, column, shape):
        by_column, by_row, self._weights = _spread(shape)
        self._places = row - by_row, column - by_column
        self._spline = _Spline(image, centre, *self._places)

    def __call__(self, by_row, by_column):
        return float(self._weights @ self._spline.at(*self._places, by_row, by_column))


def _derivatives(source):
    """Orders (by row, by column) and factors of what is the derivative by each free value of a source."""
    flux = source[2]
    place = [((0, 1), flux), ((1, 0), flux), ((0, 0), 1.0)]
    return place + [((0, 2), flux / 2), ((1, 1), flux), ((2, 0), flux / 2)] * bool(source[3:].any())


def _spread(shape):
    """Columns, rows and weights (n,) of points that stand for a Gaussian of a covariance (3,), by Gauss and Hermite."""
    if not np.any(shape):
        return np.zeros(1), np.zeros(1), np.ones(1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    variances, axes = np.linalg.eigh(matrices(shape))
    grid = np.stack(np.meshgrid(nodes, nodes)).reshape(2, -1) * np.sqrt(variances.clip(0))[:, None]
    return *(axes @ grid), np.outer(weights, weights).ravel() / weights.sum() ** 2


def _patches(windows, image):
    """Parts of an image that add up to what it has in the windows, with their places."""
    image, parts = image.copy(), []
    for window in windows:
        parts.append((window, image[window].copy()))
        image[window] = 0.0
    return parts
