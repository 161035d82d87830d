"""The normal operator `H = A* W A` of an interferometer: convolution with the PSF, exactly (docs/conventions.md)."""

from typing import Any, Self

import torch
from scipy.fft import next_fast_len

CACHED_PIXELS = 2**17  # images transformed at once on a CPU: the spectra stay in its cache


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
        asymmetry = float(inner.flip(0, 1).sub_(inner).abs_().max()) / peak  # in place: a PSF may be half a gigabyte
        if asymmetry > 1e-3:
            raise ValueError(
                f"convolution: the PSF differs from its mirror image by {asymmetry:.2g} of its peak; "
                "expected a PSF even about pixel (H, W)"
            )
        self.shape = (psf.shape[0] // 2, psf.shape[1] // 2)  # (H, W)
        self._padded = tuple(next_fast_len(max(2 * size - 1, 2), real=True) for size in self.shape)
        wrapped = torch.zeros(self._padded, dtype=torch.float64)
        rows, columns = (torch.arange(1 - size, size) for size in self.shape)
        wrapped[rows[:, None], columns] = inner  # negative indices: the PSF's centre goes to pixel (0, 0)
        self._multiplier = torch.fft.rfft2(wrapped).real.T.contiguous()  # (W' // 2 + 1, H'), float64
        self._set(self._multiplier.to(device, dtype))

    def _set(self, multiplier):
        self.dtype, self.device = multiplier.dtype, multiplier.device
        self._kernel = multiplier + 0j  # complex: twice as fast as a mixed product

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """The same operator on another device or in another precision (arguments of `torch.Tensor.to`)."""
        other = object.__new__(Convolution)
        other.__dict__.update(self.__dict__)
        target = torch.empty(0, dtype=self.dtype, device=self.device).to(*args, **kwargs)
        other._set(self._multiplier.to(target.device, target.dtype))
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
        # rows, then columns (stored as rows); neither transform touches rows or columns known to be zero or cut off
        height, width = self.shape
        spectrum = torch.fft.rfft(images, self._padded[1]).transpose(-1, -2)  # (b, W' // 2 + 1, H)
        spectrum = torch.fft.fft(spectrum, self._padded[0]).mul_(self._kernel)
        spectrum = torch.fft.ifft(spectrum)[..., :height].transpose(-1, -2)
        return torch.fft.irfft(spectrum, self._padded[1])[..., :width].contiguous()

    def draw(self, generator: torch.Generator) -> torch.Tensor:
        """A Gaussian image (1, H, W) of mean 0 with the covariance H, drawn on the grid on which H is circulant."""
        white = torch.randn((1, *self._padded), generator=generator)
        spectrum = torch.fft.rfft2(white) * self._multiplier.T.clamp(min=0).sqrt()
        height, width = self.shape
        return torch.fft.irfft2(spectrum, s=self._padded)[:, :height, :width].to(self.device, self.dtype)

    def norm(self, tolerance: float = 1e-3, max_iterations: int = 200) -> float:
        """Largest eigenvalue, a float, by power iteration from a fixed start; an estimate from below.

        Stops when the residual shows that an eigenvalue lies within `tolerance` of the estimate, relatively. Nearly
        equal eigenvalues slow this without harm: the estimate is then within their distance.
        """
        vector = torch.rand(self.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        vector = vector.to(self.device, self.dtype)
        for _ in range(max_iterations):
            vector = vector / torch.linalg.vector_norm(vector)
            image = self(vector)
            eigenvalue = float((vector * image).sum())
            if float(torch.linalg.vector_norm(image - eigenvalue * vector)) <= tolerance * eigenvalue:
                break
            vector = image
        return eigenvalue
