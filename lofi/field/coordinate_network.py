"""A learned change of coordinates, the same for every image: `x̃ = INR(x)` (paper eq. 17)."""

import math

import torch
from torch import nn

from lofi.field.mlp import stack


class CoordinateNetwork(nn.Module):
    """An MLP of the coordinates whose output is added to them; it starts at the identity.

    # ASSUME: the paper does not describe its INR. Here it reads and moves coordinates that run from −1 to 1 over the
    # image's area, so that one network serves every resolution; sines and cosines of them are optional; hidden layers
    # have ReLU, the last layer starts at 0.

    Parameters
    ----------
    width, depth : of the hidden layers, at least 1.
    frequencies : octaves n of sines and cosines that are read beside each coordinate u: of π u, 2π u, …, 2ⁿ⁻¹π u.
    """

    def __init__(self, width: int = 64, depth: int = 2, frequencies: int = 0) -> None:
        super().__init__()
        if min(width, depth) < 1 or frequencies < 0:
            given = f"width {width}, depth {depth}, frequencies {frequencies}"
            raise ValueError(f"coordinates: {given}; expected width and depth of at least 1, frequencies of at least 0")
        self.frequencies = frequencies
        self.layers = stack(nn.Linear, 2 + 4 * frequencies, width, depth, 2)
        nn.init.zeros_(self.layers[-1].weight)
        nn.init.zeros_(self.layers[-1].bias)

    def forward(self, coordinates: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
        """Where coordinates (..., 2) of (x, y), in pixels of images of `shape` (H, W), are moved to; the same unit."""
        extent = torch.tensor([shape[1], shape[0]], dtype=coordinates.dtype, device=coordinates.device)
        unit = (2 * coordinates + 1) / extent - 1
        waves = [wave(math.pi * 2**n * unit) for n in range(self.frequencies) for wave in (torch.sin, torch.cos)]
        return coordinates + self.layers(torch.cat([unit, *waves], dim=-1)) * extent / 2
