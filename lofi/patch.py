"""Patches around continuous coordinates: bicubic samples at learnable offsets (paper eqs 9, 10)."""

import math

import torch
from torch import nn
from torch.nn import functional


def sample(image, coordinates):
    """Bicubic samples of images at continuous coordinates, differentiable in both.

    Parameters
    ----------
    image : tensor (B, C, H, W).
    coordinates : tensor (B, P, K, 2) of (x, y) in pixels of `image`; outside it the image is reflected about the
        centres of its border pixels.

    Returns
    -------
    tensor (B, C, P, K).
    """
    height, width = image.shape[-2:]
    extent = torch.tensor([max(width - 1, 1), max(height - 1, 1)], dtype=coordinates.dtype, device=coordinates.device)
    grid = coordinates * (2.0 / extent) - 1.0
    return functional.grid_sample(image, grid, mode="bicubic", padding_mode="reflection", align_corners=True)


class CircularGeometry(nn.Module):
    """Learnable offsets that start on concentric rings; a chunk is one angle with all its radii.

    Parameters
    ----------
    rings, angles : numbers of radii (the first is the centre) and of equally spaced angles. Paper: 9 and 9.
    radius : radius of the outermost ring in pixels; the others are equally spaced from 0.
        # ASSUME: 2 pixels in the released implementation; the paper does not say.
    learnable : whether the offsets are trained.
    """

    def __init__(self, rings=9, angles=9, radius=2.0, learnable=True):
        super().__init__()
        if rings < 1 or angles < 1 or radius <= 0:
            given = f"rings {rings}, angles {angles}, radius {radius}"
            raise ValueError(f"geometry: {given}; expected rings and angles of at least 1 and a positive radius")
        radii = torch.linspace(0.0, float(radius), rings)
        phi = torch.arange(angles) * (2 * math.pi / angles)
        directions = torch.stack([phi.cos(), phi.sin()], dim=-1)
        self.offsets = nn.Parameter(directions[:, None] * radii[None, :, None], requires_grad=learnable)  # (A, R, 2)


class SquareGeometry(nn.Module):
    """Offsets on the pixel grid, `size` × `size` with `size` odd; a chunk is one row. Fixed unless `learnable`."""

    def __init__(self, size=9, learnable=False):
        super().__init__()
        if size < 1 or size % 2 == 0:
            raise ValueError(f"geometry: size is {size}; expected an odd number")
        axis = torch.arange(size, dtype=torch.float32) - size // 2
        y, x = torch.meshgrid(axis, axis, indexing="ij")
        self.offsets = nn.Parameter(torch.stack([x, y], dim=-1), requires_grad=learnable)


GEOMETRIES = {"circular": CircularGeometry, "square": SquareGeometry}
