"""Noise-suppression filters: learnable convolutions seen by every patch (paper eqs 14, 15)."""

import torch
from torch import nn
from torch.nn import functional

from lofi.field.patch import sample


class FourierFilter(nn.Module):
    """Complex multipliers `q̃ = F⁻¹ H F q`, learnable, initialised to ones (the smallest support).

    Parameters
    ----------
    channels : channels of the input image.
    size : (H, W) of the training images; at another size `H` is resampled bicubically, so that a mode
        meets the multiplier of its own frequency in cycles per pixel.
    filters : number L of multipliers.
    complex_pair : read two channels as the real and imaginary part of one complex image (E and B modes).
    padding : pixels of reflection before the transform.  # ASSUME: 5, as in the released implementation.

    Output (B, L · channels · 2, H, W): real and imaginary parts (L · 2 channels for a complex pair).
    """

    def __init__(
        self, channels: int, size: tuple[int, int], filters: int = 1, complex_pair: bool = False, padding: int = 5
    ) -> None:
        super().__init__()
        if complex_pair and channels != 2:
            raise ValueError(f"complex_pair needs 2 input channels, not {channels}")
        self.padding, self.complex_pair = padding, complex_pair
        ones = torch.ones(filters, size[0] + 2 * padding, size[1] + 2 * padding)
        # real and imaginary part, zero frequency in the centre
        self.multiplier = nn.Parameter(torch.stack([ones, torch.zeros_like(ones)]))
        self.outputs = filters * 2 * (1 if complex_pair else channels)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        image = functional.pad(image, [self.padding] * 4, mode="reflect")
        signal = torch.complex(image[:, :1], image[:, 1:]) if self.complex_pair else image
        real, imaginary = self._at(tuple(image.shape[-2:]))
        multiplier = torch.fft.ifftshift(torch.complex(real, imaginary), dim=(-2, -1))
        filtered = torch.fft.ifft2(torch.fft.fft2(signal)[:, None] * multiplier[None, :, None])  # (B, L, C, H, W)
        filtered = torch.cat([filtered.real, filtered.imag], dim=2).flatten(1, 2)
        height, width = image.shape[-2:]
        return filtered[..., self.padding : height - self.padding, self.padding : width - self.padding]

    def _at(self, size):
        if size == tuple(self.multiplier.shape[-2:]):
            return self.multiplier
        axes = [
            (torch.arange(new).to(self.multiplier) - new // 2) * (old / new) + old // 2
            for new, old in zip(size, self.multiplier.shape[-2:], strict=True)
        ]
        y, x = torch.meshgrid(*axes, indexing="ij")
        return sample(self.multiplier, torch.stack([x, y], dim=-1).expand(2, -1, -1, -1))


class SpatialFilter(nn.Module):
    """Learnable kernels, `pixels` × `pixels`, initialised to the identity. Output (B, channels · filters, H, W)."""

    def __init__(self, channels: int, size: tuple[int, int], filters: int = 1, pixels: int = 9) -> None:
        super().__init__()
        if pixels < 1 or pixels % 2 == 0:
            raise ValueError(f"filter: pixels is {pixels}; expected an odd number")
        kernel = torch.zeros(filters, 1, pixels, pixels)
        kernel[:, :, pixels // 2, pixels // 2] = 1.0
        self.kernel = nn.Parameter(kernel)
        self.outputs = filters * channels

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        batch, _, height, width = image.shape
        padded = functional.pad(image, [self.kernel.shape[-1] // 2] * 4, mode="reflect")
        filtered = functional.conv2d(padded.flatten(0, 1)[:, None], self.kernel)
        return filtered.reshape(batch, -1, height, width)


FILTERS = {"fourier": FourierFilter, "spatial": SpatialFilter}
