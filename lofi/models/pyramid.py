"""A denoiser of small patches, helped by itself on coarser pixels where the image is smooth.

A local field sees a patch of a few pixels: structure that is smooth over more is denoised no better than by the mean of
the patch, and in a large image that is most of the area. Averaged over 2 × 2 pixels the same image has half the noise
and the same patch spans twice the sky, and a homogeneous denoiser serves it as it is. With P the average, U bicubic
interpolation and D the denoiser at noise σ, the multiscale denoiser M of s scales is

    x = D(z, σ),    d = M_{s−1}(P z, σ/2) − P x,    M_s(z, σ) = x + U(w d),    w = 1 / (1 + ⟨d²⟩ / (τ σ/2)²),

with ⟨d²⟩ the mean over 5 × 5 coarse pixels. Where the two differ by little of the noise the image is smooth and the
coarse one is the better; where they differ by much, it has blurred something. Nothing is trained for it.
"""

from collections.abc import Callable

import torch
from torch.nn import functional

from lofi.models.reconstructor import resize

TOLERANCE = 0.6  # τ; ASSUME: chosen on six simulated galaxies in no split, 0.3 to 1 serve as well
WINDOW = 5
SCALES = 2


def multiscale(denoise: Callable, scales: int = SCALES) -> Callable:
    """The denoiser `denoise(images (B, H, W), sigma (B,)) → (B, H, W)` with `scales` coarser ones below it (0: none).

    The noise must be white: σ falls by half where 2 × 2 pixels are averaged.
    """

    def denoised(images, sigma):
        fine = denoise(images, sigma)
        difference = coarser(halved(images), sigma / 2) - halved(fine)
        energy = _local_mean(difference**2) / (TOLERANCE * sigma[:, None, None] / 2) ** 2
        return fine + doubled(difference / (1 + energy), fine.shape[-2:])

    if scales == 0:
        return denoise
    coarser = multiscale(denoise, scales - 1)
    return denoised


def halved(images: torch.Tensor) -> torch.Tensor:
    """Means over 2 × 2 pixels of (B, H, W); an odd last row or column counts twice."""
    height, width = images.shape[-2:]
    even = functional.pad(images[:, None], (0, width % 2, 0, height % 2), mode="replicate")
    return functional.avg_pool2d(even, 2)[:, 0]


def doubled(images: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    """Bicubic values of coarse images (B, h, w) at the centres of half their pixels, cut to `shape` (H, W)."""
    height, width = (2 * side for side in images.shape[-2:])
    return resize(images[:, None], (height, width))[:, 0, : shape[0], : shape[1]]


def _local_mean(images):
    around = functional.pad(images[:, None], (WINDOW // 2,) * 4, mode="replicate")
    return functional.avg_pool2d(around, WINDOW, 1)[:, 0]
