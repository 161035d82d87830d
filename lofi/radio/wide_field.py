"""The visibility operator with the w-term, and its adjoint (docs/conventions.md, Radio interferometry)."""

import copy
from functools import cached_property
from typing import Self

import numpy as np
from ducc0.wgridder import experimental as wgridder
from scipy.constants import speed_of_light

from lofi.radio.measurement import SINGLE
from lofi.radio.operator import halved, phasors

EPS = {np.dtype(np.float64): 1e-7, np.dtype(np.float32): SINGLE}  # least relative tolerance of the transforms
SAME = 1e-6  # metres, within which samples have one baseline
FULL = 8  # rows of channels may have so many times the samples; what they have not is masked


class WideFieldOperator:
    """`V_j = Σ I exp(−2πi (u_j l + v_j m + w_j (n − 1)))`, `n = √(1 − l² − m²)`, by w-gridding (Arras et al. 2021).

    The same interface as `lofi.radio.operator.VisibilityOperator`; what is given in single precision stays so, with a
    third of the time and half the memory.

    Parameters
    ----------
    u, v, w : (M,) wavelengths, towards East, North and the source. frequency : (M,) Hz. Samples of one baseline at one
        time, also of several spectral windows, are gridded as a row of channels, three times as fast as one by one.
    shape : (H, W) of the image. cell_radians : side of a pixel, of l and m.
    threads : of the transforms.
    """

    def __init__(
        self,
        u: np.ndarray,
        v: np.ndarray,
        w: np.ndarray,
        frequency: np.ndarray,
        shape: tuple[int, int],
        cell_radians: float,
        threads: int = 1,
    ) -> None:
        self.shape = tuple(map(int, shape))
        self._samples = (u, v, w), frequency
        self._tolerance = 0.0
        self._even = tuple(size + size % 2 for size in self.shape)  # what the library grids
        self._options = {
            "pixsize_x": cell_radians,
            "pixsize_y": cell_radians,
            "do_wgridding": True,
            "divide_by_n": False,
            "flip_u": True,  # columns run towards West
            "flip_w": True,  # the library takes w away from the source
            "nthreads": threads,
        }

    def __len__(self) -> int:
        """The number M of visibilities."""
        return len(self._samples[1])

    @cached_property
    def _grid(self):
        """Baselines and frequencies as the library takes them, and the place of each sample."""
        wavelengths, frequency = self._samples
        return _masked(*_rows(np.stack(wavelengths, axis=-1), frequency))

    def within(self, tolerance: float) -> Self:
        """The same with at least this relative tolerance: from 1e-5 to 1e-3 a transform gets up to twice as fast."""
        other = copy.copy(self)
        other.__dict__["_grid"], other._tolerance = self._grid, tolerance
        return other

    def coarser(self, samples: np.ndarray) -> Self:
        """The operator of some samples, an index, on pixels twice as large."""
        wavelengths, frequency = self._samples
        chosen = (*(part[samples] for part in wavelengths), frequency[samples])
        cell, threads = 2 * self._options["pixsize_x"], self._options["nthreads"]
        other = type(self)(*chosen, halved(self.shape), cell, threads)
        grid, place = self._grid  # its rows stay rows
        other.__dict__["_grid"] = _masked(grid["uvw"], grid["freq"], tuple(axis[samples] for axis in place))
        return other

    def _epsilon(self, precision):
        return max(EPS[precision], self._tolerance)

    def forward(self, images: np.ndarray) -> np.ndarray:
        """Visibilities (..., M) in Jy of real images (..., H, W) in Jy/pixel."""
        images = _floating(images)
        grid, place = self._grid
        parts = [self._degridded(image, grid)[place] for image in images.reshape(-1, *self.shape)]
        return np.reshape(parts, (*images.shape[:-2], len(self)))

    def adjoint(self, visibilities: np.ndarray) -> np.ndarray:
        """`Re Σ V exp(+2πi …)`, real (..., H, W), of visibilities (..., M)."""
        visibilities = np.asarray(visibilities)
        visibilities = visibilities.astype(np.result_type(visibilities, np.complex64), copy=False)
        grid, _ = self._grid
        parts = [self._gridded(self._placed(values), grid) for values in visibilities.reshape(-1, len(self))]
        return np.reshape(parts, (*visibilities.shape[:-1], *self.shape))

    def normal(self, images: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """`adjoint(weights * forward(images))`, real (..., H, W), of weights (M,); all on the library's rows."""
        images = _floating(images)
        grid, _ = self._grid
        weighted = grid | {"wgt": self._placed(weights.astype(images.dtype, copy=False))}
        parts = [self._gridded(self._degridded(image, grid), weighted) for image in images.reshape(-1, *self.shape)]
        return np.reshape(parts, images.shape)

    def _placed(self, values):
        """Values (M,) of the samples on the rows of channels that the library takes."""
        grid, place = self._grid
        samples = np.zeros((len(grid["uvw"]), len(grid["freq"])), dtype=values.dtype)
        samples[place] = values
        return samples

    def _degridded(self, image, grid):
        # The centre of an odd side is one pixel lower than that of the next even side: one row of zeros goes first.
        odd = [(even - size, 0) for even, size in zip(self._even, self.shape, strict=True)]
        padded = np.ascontiguousarray(np.pad(image, odd).T)
        return wgridder.dirty2vis(dirty=padded, **grid, **self._options, epsilon=self._epsilon(image.dtype))

    def _gridded(self, samples, grid):
        height, width = self._even
        sizes = {"npix_x": width, "npix_y": height, "epsilon": self._epsilon(samples.real.dtype)}
        image = wgridder.vis2dirty(vis=samples, **grid, **self._options, **sizes).T
        rows, columns = (even - size for even, size in zip(self._even, self.shape, strict=True))
        return image[rows:, columns:]

    def point(self, column: float, row: float, samples: slice = slice(None)) -> tuple[np.ndarray, ...]:
        """As of `lofi.radio.measurement.Operator`."""
        u, v, w = (2 * np.pi * wavelengths[samples] for wavelengths in self._samples[0])
        cell = self._options["pixsize_x"]
        l, m = -column * cell, row * cell  # noqa: E741  direction cosines
        n = np.sqrt(1 - l**2 - m**2)
        return phasors(u * l + v * m + w * (n - 1)), -cell * (u - w * l / n), cell * (v - w * m / n)


def _floating(images):
    images = np.asarray(images)
    return images.astype(np.result_type(images, np.float32), copy=False)


def _masked(metres, channels, place):
    """Rows of channels as the library takes them, without those that have no sample, and the place of each."""
    mask = np.zeros((len(metres), len(channels)), dtype=np.uint8)
    mask[place] = 1
    return {"uvw": metres, "freq": channels, "mask": None if mask.all() else mask}, place


def _rows(wavelengths, frequency):
    """Baselines (R, 3) in metres, frequencies (C,), and the row and channel of each sample."""
    metres = wavelengths * (speed_of_light / frequency)[:, None]
    channels, channel = np.unique(frequency, return_inverse=True)
    starts = (np.abs(np.diff(metres, axis=0)) > SAME).any(1) | (np.diff(channel) <= 0)
    row, first = np.append(0, np.cumsum(starts)), np.append(0, np.flatnonzero(starts) + 1)
    if len(first) * len(channels) > len(row):
        # Rows of one baseline at one time in other channels become one, where no channel is there twice.
        _, kept, same = np.unique(np.rint(metres[first] / SAME), axis=0, return_index=True, return_inverse=True)
        if len(kept) < len(first) and np.bincount(same[row] * len(channels) + channel).max() == 1:
            row, first = same[row], first[kept]
    if len(first) * len(channels) > FULL * len(row):
        return wavelengths, np.array([speed_of_light]), (np.arange(len(row)), np.zeros(len(row), int))
    return metres[first], channels, (row.astype(np.int32), channel.astype(np.int32))
