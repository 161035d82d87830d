"""Gaussian smoothing of images whose pixels carry different weights."""

import torch

from lofi.solvers.wiener import radial_frequency


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
