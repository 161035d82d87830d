"""What a residual image becomes where the model changes in a few places: from the PSF alone, near these places.

The residual of all visibilities is exact and takes a pass over them. In between, the search for unresolved sources
changes sources and the pixels around them, and asks only for the residual there. The PSF, without the w-term, tells it
well enough: the next pass corrects what it neglects, as the major cycles of CLEAN do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from scipy.interpolate import RectBivariateSpline
from scipy.signal import fftconvolve

from lofi.radio.point_sources import PointSources
from lofi.solvers.convolution import Convolution
from lofi.solvers.data_terms import Deconvolution
from lofi.solvers.positivity import positivity_only

MARGIN, DEGREE = 8, 5  # pixels around what is interpolated by splines of this degree
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
                for column, row, flux in sources.values:
                    values += sign * flux * self._response(window, column, row)
            for place, patch in patches:
                values += fftconvolve(self._between(window, place), patch, mode="valid")
            residual[window] = values
        return type(self)(self.psf, residual)

    def step(self, sources: PointSources) -> PointSources:
        """One step of Gauss and Newton of all places and fluxes, of which this is the residual."""
        gradient = np.concatenate([self._slopes(*source) for source in sources.values])
        normal = np.block([[self._products(a, b) for b in sources.values] for a in sources.values])
        unit = np.sqrt(np.diag(normal))  # pixels and Jy differ by orders of magnitude
        step = np.linalg.pinv(normal / np.outer(unit, unit), hermitian=True) @ (gradient / unit) / unit
        return PointSources.at(sources.values + step.reshape(-1, 3))

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

    def _response(self, window, column, row):
        """The PSF of a source at the pixels of a window."""
        sides = zip(window, self._centre, (row, column), strict=True)
        rows, columns = (np.arange(side.start, side.stop) - centre - offset for side, centre, offset in sides)
        return _Spline(self.psf, self._middle, rows, columns)(rows, columns)

    def _slopes(self, column, row, flux):
        """Derivatives (3,) by column, row and flux of a source of what it explains."""
        spline = _Spline(self.residual, self._centre, row, column)
        value, by_column, by_row = (float(spline(row, column, *order)) for order in ((0, 0), (0, 1), (1, 0)))
        return np.array([flux * by_column, flux * by_row, value])

    def _products(self, one, other):
        """Products (3, 3) of the derivatives of the visibilities of two sources by column, row and flux."""
        (column, row), (first, second) = (one - other)[:2], (one[2], other[2])
        spline = _Spline(self.psf, self._middle, row, column)
        b, b_c, b_r, b_cc, b_cr, b_rr = (
            float(spline(row, column, *order)) for order in ((0, 0), (0, 1), (1, 0), (0, 2), (1, 1), (2, 0))
        )
        places = -first * second * np.array([[b_cc, b_cr], [b_cr, b_rr]])
        flux = np.array([b_c, b_r])
        return np.block([[places, first * flux[:, None]], [-second * flux[None], np.array([[b]])]])

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

    def __call__(self, rows, columns, by_row=0, by_column=0):
        """Values, or derivatives of an order, at all of the rows and columns: (rows, columns)."""
        return np.squeeze(self._spline(rows - self._first[0], columns - self._first[1], by_row, by_column))


def _patches(windows, image):
    """Parts of an image that add up to what it has in the windows, with their places."""
    image, parts = image.copy(), []
    for window in windows:
        parts.append((window, image[window].copy()))
        image[window] = 0.0
    return parts
