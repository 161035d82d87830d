"""The normal operator `H = A* W A` of an interferometer: convolution with the PSF, exactly (docs/conventions.md)."""

import copy
from functools import cached_property
from typing import Self

import torch
from scipy.fft import next_fast_len
from scipy.linalg import eigh_tridiagonal

CACHED_PIXELS = 2**17  # transformed at once on a CPU: the spectra stay in its cache
SLAB = 256  # rows or columns transformed at once in double precision
TOLERANCE, STEPS = 1e-3, 100  # of the largest eigenvalue


class Convolution:
    """Convolution of images (H, W) with a point spread function given on the grid of twice the size.

    Symmetric, and positive semi-definite if `psf` is that of non-negative weights. One pair of real FFTs, zero-padded
    to a fast length of at least 2H − 1 by 2W − 1, so that nothing wraps around.

    Parameters
    ----------
    psf : array or tensor (2H, 2W), real and even about its centre (H, W); row 0 and column 0 are never reached.
    dtype, device : of the multiplier, hence of the images; it is computed in float64.

    Raises ValueError for a `psf` that is not an image of even sides, is not finite, or is not even about its centre.
    """

    def __init__(
        self, psf: torch.Tensor, dtype: torch.dtype = torch.float32, device: torch.device | None = None
    ) -> None:
        psf = torch.as_tensor(psf).to("cpu", torch.float64)
        if psf.ndim != 2 or psf.shape[0] % 2 or psf.shape[1] % 2:
            raise ValueError(f"convolution: the PSF has shape {tuple(psf.shape)}; expected (2H, 2W)")
        if not torch.isfinite(psf).all():
            raise ValueError("convolution: the PSF contains NaN or inf")
        inner = psf[1:, 1:]
        peak = max(float(inner.max()), -float(inner.min()), 1e-300)
        below, above = inner[len(inner) // 2 :], inner[: len(inner) // 2 + 1]
        asymmetry = float(above.flip(0, 1).sub_(below).abs_().max()) / peak  # in place: a PSF may be half a gigabyte
        if asymmetry > 1e-3:
            raise ValueError(
                f"convolution: the PSF differs from its mirror image by {asymmetry:.2g} of its peak; "
                "expected a PSF even about pixel (H, W)"
            )
        self.shape = (psf.shape[0] // 2, psf.shape[1] // 2)  # (H, W)
        self._padded = tuple(next_fast_len(max(2 * size - 1, 2), real=True) for size in self.shape)
        self.dtype, self.device, self._constant = dtype, torch.device(device or "cpu"), 0.0
        kernel = _multiplier(below, self._padded, dtype).to(self.device)
        self._kernel = kernel + 0j  # complex: twice as fast as a mixed product
        self._circulant = torch.fft.rfft2(_folded(inner)).real.clamp_(min=0).to(self.device, dtype)

    def plus(self, constant: float) -> Self:
        """The same with `constant` ≥ 0 added to the PSF: a visibility of this weight at u = v = 0 more."""
        other = copy.copy(self)
        other.__dict__.pop("norm", None)
        other._constant = self._constant + constant
        return other

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """`H x` of images (..., H, W), of the same shape. Relative error about 1e-7 in float32."""
        if tuple(images.shape[-2:]) != self.shape:
            raise ValueError(f"convolution: images are {tuple(images.shape[-2:])}; the PSF expects {self.shape}")
        height, width = self.shape
        batch = images.reshape(-1, height, width)
        step = max(1, CACHED_PIXELS // (height * width)) if images.device.type == "cpu" else max(1, len(batch))
        parts = [self._convolve(part) for part in batch.split(step)]
        return (parts[0] if len(parts) == 1 else torch.cat(parts)).reshape(images.shape)

    def _convolve(self, images):
        # rows, then columns; neither transform touches rows or columns known to be zero or cut off
        (height, width), (rows, columns) = self.shape, self._padded
        spectrum = torch.fft.rfft(images, columns)
        lines = spectrum.transpose(-1, -2)  # (b, W' // 2 + 1, H)
        step = max(1, CACHED_PIXELS // rows) if images.device.type == "cpu" else lines.shape[1]
        for first in range(0, lines.shape[1], step):
            some = slice(first, first + step)
            product = torch.fft.fft(lines[:, some], rows).mul_(self._kernel[some])
            lines[:, some] = torch.fft.ifft(product)[..., :height]
        result = torch.fft.irfft(spectrum, columns)[..., :width].contiguous()
        return result + self._constant * images.sum((-2, -1), keepdim=True) if self._constant else result

    def inverse(self, images: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
        """Nearly `(H + shift)⁻¹ x` of images (B, H, W), `shift` (B, 1, 1) > 0, by the circulant nearest to H.

        One pair of FFTs without padding; it preconditions conjugate gradients (T. Chan 1988).
        """
        response = self._circulant + shift
        response[:, 0, 0] += self._constant * images[0].numel()
        return torch.fft.irfft2(torch.fft.rfft2(images) / response, s=self.shape)

    def draw(self, generator: torch.Generator) -> torch.Tensor:
        """A Gaussian image (1, H, W) of mean 0 with the covariance H, drawn on the grid on which H is circulant."""
        white = torch.randn((1, *self._padded), generator=generator)
        response = self._kernel.real.T.cpu().float().clamp(min=0).sqrt()
        height, width = self.shape
        drawn = torch.fft.irfft2(torch.fft.rfft2(white) * response, s=self._padded)[:, :height, :width]
        if self._constant:
            drawn = drawn + self._constant**0.5 * torch.randn((), generator=generator)
        return drawn.to(self.device, self.dtype)

    @cached_property
    def norm(self) -> float:
        """Largest eigenvalue, to about 1e-3, from below: Lanczos's method from a fixed start (Golub & Van Loan, 10.1).

        Stops when the residual shows that an eigenvalue lies so near to the estimate. Nearly equal eigenvalues slow
        this without harm: the estimate is then within their distance.
        """
        vector = torch.rand(self.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        vector, before = vector.to(self.device, self.dtype), 0.0
        length, diagonal, beside = torch.linalg.vector_norm(vector), [], []
        for _ in range(STEPS):
            vector = vector / length
            image = self(vector) - (length if beside else 0.0) * before
            diagonal.append(float((vector * image).sum(dtype=torch.float64)))
            image -= diagonal[-1] * vector
            before, vector, length = vector, image, torch.linalg.vector_norm(image)
            last = len(diagonal) - 1
            values, vectors = eigh_tridiagonal(diagonal, beside, select="i", select_range=(last, last))
            if float(length) * abs(vectors[-1, 0]) <= TOLERANCE * values[0]:
                break
            beside.append(float(length))
        return float(values[0])


def _multiplier(below, padded, dtype):
    """Spectrum (W' // 2 + 1, H') of a PSF even about its centre, of which its rows from the centre on (H, 2W − 1) tell.

    Rows, then columns, some at a time: complex numbers in double precision are made of half of a PSF alone.
    """
    height, width = below.shape[0], below.shape[1] // 2 + 1
    rows = torch.zeros((height, padded[1] // 2 + 1), dtype=torch.complex128)
    for first in range(0, height, SLAB):
        wrapped = torch.zeros((len(below[first : first + SLAB]), padded[1]), dtype=torch.float64)
        wrapped[:, torch.arange(1 - width, width)] = below[first : first + SLAB]  # the centre goes to column 0
        rows[first : first + SLAB] = torch.fft.rfft(wrapped)
    columns = torch.empty((rows.shape[1], padded[0]), dtype=dtype)
    for first in range(0, len(columns), SLAB):
        columns[first : first + SLAB] = torch.fft.hfft(rows[:, first : first + SLAB].T.contiguous(), padded[0])
    return columns


def _folded(psf):
    """First column (H, W) of the circulant matrix nearest to the convolution with a PSF (2H − 1, 2W − 1)."""
    height, width = ((side + 1) // 2 for side in psf.shape)
    return _folded_rows(_folded_rows(psf, height).T, width).T


def _folded_rows(psf, size):
    """Rows of lags k and k − size together, by the parts of an image that are so far apart: (size, columns)."""
    part = torch.arange(1, size + 1, dtype=psf.dtype)[:, None] / size
    folded = psf[size - 1 :] * part.flip(0)
    folded[1:] += psf[: size - 1] * part[:-1]
    return folded
