"""The visibility operator, its adjoint and its point spread function (docs/conventions.md, Radio interferometry)."""

from functools import cached_property
from typing import Self

import finufft
import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lofi.radio.weighting import normalised

PSF_EPS = 1e-12
LARGE = 2**24  # pixels of a doubled grid, from which memory counts more than digits beyond those of single precision
LARGE_EPS, LARGE_UPSAMPLING = 1e-9, 1.25
SMALLEST_EPS = {np.dtype(np.float32): 1e-6, np.dtype(np.float64): 1e-14}


def phasors(phase: np.ndarray) -> np.ndarray:
    """`exp(−i phase)`, complex, in half the time of NumPy's complex exponential."""
    values = np.empty(phase.shape, complex)
    np.cos(phase, out=values.real)
    np.negative(np.sin(phase), out=values.imag)
    return values


def halved(shape: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of pixels twice as large that hold the image."""
    return tuple((size + 1) // 2 for size in shape)


class VisibilityOperator:
    """`V_j = Σ I exp(−i (x_j (column − W//2) + y_j (row − H//2)))` by non-uniform FFT.

    Plans are made once, when they are needed.

    Parameters
    ----------
    x, y : (M,) radians per pixel along columns and rows, finite.
    shape : (H, W) of the image.
    eps : relative tolerance of the transforms; at least 1e-14, in single precision 1e-6. In single precision the
        rounding of x and y adds some 4e-8 · H.
    dtype : float64 or float32, of images; visibilities are complex of the same precision.
    threads : of the transforms.
    upsampling : of finufft's grid. 1.9 is as accurate as its usual 2, which makes an FFT of 1024 out of 512 pixels:
        lengths that are powers of 2 collide in the cache and are up to 5 times as slow (benchmarks/radio_operator.py).
    """

    def __init__(
        self,
        x: ArrayLike,
        y: ArrayLike,
        shape: tuple[int, int],
        eps: float = 1e-9,
        dtype: DTypeLike = np.float64,
        threads: int = 1,
        upsampling: float = 1.9,
    ) -> None:
        self.x, self.y = (np.array(c, dtype=np.float64, order="C") for c in (x, y))
        self.shape, self.eps, self.dtype = tuple(map(int, shape)), eps, np.dtype(dtype)
        self._options = {"nthreads": threads, "upsampfac": upsampling, "modeord": 0, "showwarn": 0}
        if self.x.ndim != 1 or self.x.shape != self.y.shape or not self.x.size:
            raise ValueError(f"x is {self.x.shape}, y is {self.y.shape}; expected (M,) both, M at least 1")
        if not (np.isfinite(self.x).all() and np.isfinite(self.y).all()):
            raise ValueError("x or y contains NaN or inf")
        if len(self.shape) != 2 or min(self.shape) < 1:
            raise ValueError(f"shape is {shape}; expected two positive numbers")
        if self.dtype not in SMALLEST_EPS or not SMALLEST_EPS[self.dtype] <= eps < 1:
            raise ValueError(f"eps is {eps} in {self.dtype}; expected from 1e-14 (float64) or 1e-6 (float32) to 1")
        self.complex_dtype = np.result_type(self.dtype, np.complex64)

    def __len__(self) -> int:
        """The number M of visibilities."""
        return len(self.x)

    @cached_property
    def _forward(self):
        return self._plan(2, -1, self.shape, self.eps, self.complex_dtype)

    @cached_property
    def _adjoint(self):
        return self._plan(1, 1, self.shape, self.eps, self.complex_dtype)

    def within(self, tolerance: float) -> Self:
        """Itself: a larger tolerance would gain little."""
        return self

    def coarser(self, samples: np.ndarray) -> Self:
        """The operator of some samples, an index, on pixels twice as large."""
        options = {"threads": self._options["nthreads"], "upsampling": self._options["upsampfac"]}
        return type(self)(2 * self.x[samples], 2 * self.y[samples], halved(self.shape), self.eps, self.dtype, **options)

    def forward(self, image: ArrayLike) -> np.ndarray:
        """Visibilities (..., M) in Jy of real images (..., H, W) in Jy/pixel."""
        image = np.asarray(image)
        if image.shape[-2:] != self.shape:
            raise ValueError(f"the image is {image.shape}; expected {self.shape} at the end")
        return self._each(self._forward, image, 2, (len(self),))

    def adjoint(self, visibilities: ArrayLike) -> np.ndarray:
        """`Re Σ V exp(+i …)`, real (..., H, W), of visibilities (..., M)."""
        visibilities = np.asarray(visibilities)
        if visibilities.shape[-1:] != (len(self),):
            raise ValueError(f"the visibilities are {visibilities.shape}; expected {len(self)} at the end")
        return self._each(self._adjoint, visibilities, 1, self.shape).real

    def normal(self, images: ArrayLike, weights: np.ndarray) -> np.ndarray:
        """`adjoint(weights * forward(images))`, real (..., H, W), of weights (M,)."""
        return self.adjoint(weights * self.forward(images))

    def point(self, column: float, row: float, samples: slice = slice(None)) -> tuple[np.ndarray, ...]:
        """As of `lofi.radio.measurement.Operator`."""
        x, y = self.x[samples], self.y[samples]
        return phasors(x * column + y * row), x, y

    def dirty(self, visibilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The dirty image `A* W V` (..., H, W) in Jy/beam, weights (M,) divided by their sum."""
        return self.adjoint(self._normalised(weights).astype(self.dtype) * visibilities)

    def psf(self, weights: np.ndarray) -> np.ndarray:
        """The point spread function `A* W 1` (2H, 2W) float64, at offsets of pixels: 1 at (H, W), 0 in row 0, column 0.

        Offsets −H and −W join no two pixels of the image; without them the PSF is even, and the normal operator is
        `A* W A I = irfft2(rfft2(I, (2H, 2W)) · rfft2(ifftshift(psf)).real)[:H, :W]`, exactly.
        """
        return self.autocorrelation(self._normalised(weights))

    def autocorrelation(self, weights: np.ndarray) -> np.ndarray:
        """The same of weights (M,) as they are: the sum over parts of the visibilities is the PSF of all."""
        (height, width), options = self.shape, {"eps": PSF_EPS}
        if 4 * height * width > LARGE:
            options = {"eps": LARGE_EPS, "upsampling": LARGE_UPSAMPLING}
        # The rows from H on; the others mirror them. A phase moves the middle of the transform to the middle of these.
        plan = self._plan(1, 1, (height, 2 * width), dtype=np.dtype(np.complex128), **options)
        psf = np.zeros((2 * height, 2 * width))
        psf[height:] = plan.execute(weights * np.exp(1j * (height // 2) * self.y)).real
        psf[1:height, 1:] = psf[:height:-1, :0:-1]
        psf[:, 0] = 0.0
        return psf

    def _plan(self, kind, sign, shape, eps, dtype, upsampling=None):
        options = self._options if upsampling is None else self._options | {"upsampfac": upsampling}
        plan = finufft.Plan(kind, shape, eps=eps, isign=sign, dtype=dtype.name, **options)
        real = np.float32 if dtype == np.complex64 else np.float64
        plan.setpts(self.y.astype(real), self.x.astype(real))  # rows are finufft's first axis
        return plan

    def _normalised(self, weights):
        if np.shape(weights) != (len(self),):
            raise ValueError(f"the weights are {np.shape(weights)}; expected ({len(self)},)")
        return normalised(weights)

    def _each(self, plan, arrays, dimensions, shape):
        """The plan's transform of each array of a batch."""
        batch = arrays.shape[: arrays.ndim - dimensions]
        arrays = np.ascontiguousarray(arrays, dtype=self.complex_dtype)
        parts = [plan.execute(part) for part in arrays.reshape(-1, *arrays.shape[arrays.ndim - dimensions :])]
        return np.reshape(parts, (*batch, *shape))
