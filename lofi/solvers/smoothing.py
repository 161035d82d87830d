"""Gaussian smoothing of images whose pixels carry different weights."""

import math

import torch

from lofi.solvers.wiener import hermitian_weight, radial_frequency


def smooth(image: torch.Tensor, noise_std: torch.Tensor, width: float) -> torch.Tensor:
    """Inverse-variance weighted mean under a periodic Gaussian of `width` pixels; masked pixels do not count.

    Parameters
    ----------
    image : tensor (B, H, W). noise_std : (B, H, W), > 0, inf where masked. width : standard deviation in pixels.
    """
    shape = image.shape[-2:]
    kernel = torch.exp(-2.0 * (torch.pi * width * radial_frequency(shape, image.device)) ** 2)
    reference = torch.where(torch.isfinite(noise_std), noise_std, torch.inf).amin((-2, -1), keepdim=True)
    weight = (reference / noise_std) ** 2
    total, norm = (torch.fft.irfft2(torch.fft.rfft2(x) * kernel, s=shape) for x in (weight * image, weight))
    return torch.where(norm > 1e-6, total / norm.clamp(min=1e-6), torch.zeros_like(total))


def averaged(image: torch.Tensor, noise_std: torch.Tensor, factor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Images and their noise as of pixels `factor` times as wide, known at every pixel.

    The inverse-variance weighted mean under a periodic Gaussian as wide as a square of `factor` pixels, over and above
    the pixel itself: variance (factor² − 1) / 12. Where there is next to no weight the image stays, the noise is inf.

    Parameters
    ----------
    image : tensor (B, H, W). noise_std : (B, H, W), > 0, inf where masked. factor : (B,), at least 1.
    """
    shape = image.shape[-2:]
    variance = ((factor**2 - 1) / 12)[:, None, None]
    kernel = torch.exp(-2.0 * variance * (torch.pi * radial_frequency(shape, image.device)) ** 2)
    shrinking = (kernel.square() * hermitian_weight(shape, image.device)).sum((-2, -1), keepdim=True) / math.prod(shape)
    reference = torch.where(torch.isfinite(noise_std), noise_std, torch.inf).amin((-2, -1), keepdim=True)
    weight = (reference / noise_std) ** 2
    total, norm = (torch.fft.irfft2(torch.fft.rfft2(x) * kernel, s=shape) for x in (weight * image, weight))
    seen = norm > 1e-3
    norm = norm.clamp(min=1e-3)
    return torch.where(seen, total / norm, image), torch.where(seen, reference * (shrinking / norm).sqrt(), torch.inf)
