"""Patches around continuous coordinates: bicubic samples at learnable offsets (paper eqs 9, 10).

Around the centres of the image's own pixels all patches share one set of bicubic weights: `windows` cuts the pixels
that they reach, and `taps` turns a window into a patch with one matrix product, exactly and faster than `sample`.
Where samples lie so far apart that a window would hold mostly zeros, `Shifts` takes them one by one, as exactly.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import nn
from torch.nn import functional


def sample(image: torch.Tensor, coordinates: torch.Tensor) -> torch.Tensor:
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


def taps(offsets: torch.Tensor) -> tuple[torch.Tensor, int]:
    """Bicubic weights (K, S²) of the samples at `offsets` (K, 2) within a window of S = 2·reach + 1 pixels, and reach.

    The kernel is that of `sample` (Keys 1981 with a = −0.75); differentiable in the offsets.
    """
    reach = int(offsets.detach().abs().max().ceil()) + 1
    axis = torch.arange(-reach, reach + 1, dtype=offsets.dtype, device=offsets.device)
    x, y = (_cubic(offsets[:, i, None] - axis) for i in (0, 1))
    return (y[:, :, None] * x[:, None, :]).flatten(1), reach


def _cubic(distance, a=-0.75):
    d = distance.abs()
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return torch.where(d <= 1, near, torch.where(d < 2, far, torch.zeros_like(d)))


def windows(image: torch.Tensor, reach: int) -> torch.Tensor:
    """View (B, C, H, W, S, S) of the S = 2·reach + 1 pixels around each pixel, borders as `sample`; reach < H, W."""
    side = 2 * reach + 1
    return functional.pad(image, [reach] * 4, mode="reflect").unfold(2, side, 1).unfold(3, side, 1)


def windows_at(image: torch.Tensor, reach: int, pixels: torch.Tensor) -> torch.Tensor:
    """What `windows` has at `pixels` (B, P), places in the flattened images, as (C, S², B·P).

    The gradient of the images is as large as they are; through the view of `windows` it would be S² times that.
    """
    width, side = image.shape[-1], torch.arange(2 * reach + 1, device=image.device)
    padded = functional.pad(image, [reach] * 4, mode="reflect")
    steps = (side[:, None] * padded.shape[-1] + side).flatten()  # within a window, from its corner
    corners = pixels // width * padded.shape[-1] + pixels % width
    places = (corners[:, None] + steps[:, None]).flatten(1)  # (B, S²·P)
    chosen = padded.flatten(2).gather(2, places[:, None].expand(-1, padded.shape[1], -1))
    return chosen.unflatten(2, (len(steps), -1)).permute(1, 2, 0, 3).flatten(2)


class Shifts:
    """Patches around an image's own pixels, sample by sample: the image between four shifts along each axis.

    Parameters
    ----------
    image : tensor (C, H, W); borders as `sample`. offsets : (K, 2) in its pixels, their `reach` below H and W.
    """

    @staticmethod
    def reach(offsets: torch.Tensor) -> int:
        """How many pixels the four neighbours of samples at `offsets` are away, at most."""
        return int(offsets.detach().abs().max().floor()) + 2

    def __init__(self, image: torch.Tensor, offsets: torch.Tensor) -> None:
        reach = self.reach(offsets)
        self.padded = functional.pad(image[None], [reach] * 4, mode="reflect")[0]
        below = offsets.floor()
        neighbours = torch.arange(-1, 3, dtype=offsets.dtype, device=offsets.device)
        weights = _cubic((offsets - below)[..., None] - neighbours)  # (K, 2, 4)
        self.samples = list(zip((below.long() + reach - 1).tolist(), weights.tolist(), strict=True))

    def __call__(self, top: int, left: int, height: int, width: int) -> torch.Tensor:
        """Patches (C, K, height·width) around the pixels of a rectangle, row by row."""
        out = self.padded.new_empty(len(self.padded), len(self.samples), height, width)
        for number, ((x, y), (across, down)) in enumerate(self.samples):
            rows = self.padded[:, top + y : top + y + height + 3]
            columns = [rows[:, :, left + x + n : left + x + n + width] for n in range(4)]
            line = sum_of(columns, across, torch.empty_like(columns[0]))
            sum_of([line[:, n : n + height] for n in range(4)], down, out[:, number])
        return out.flatten(2)


def sum_of(images: Sequence[torch.Tensor], weights: Sequence[float], out: torch.Tensor) -> torch.Tensor:
    """The weighted sum of images, in `out`."""
    torch.mul(images[0], weights[0], out=out)
    for image, weight in zip(images[1:], weights[1:], strict=True):
        out.add_(image, alpha=weight)
    return out


class SharedGeometry(nn.Module):
    """Offsets (A, R, 2) that all pixels share, K = A·R samples in A chunks.

    Attributes
    ----------
    shared : whether all pixels have the same `offsets`; if not, the geometry begins with these (`lofi.field.ccpg`).
    """

    shared = True

    def __init__(self, offsets: torch.Tensor, learnable: bool) -> None:
        super().__init__()
        self.offsets = nn.Parameter(offsets, requires_grad=learnable)

    def forward(self, image: torch.Tensor, coordinates: torch.Tensor, read: Callable) -> list[torch.Tensor]:
        """Offsets of every step of the geometry, of which there is one: [(K, 2)]."""
        return [self.offsets.flatten(0, 1)]


class CircularGeometry(SharedGeometry):
    """Learnable offsets that start on concentric rings; a chunk is one angle with all its radii.

    Parameters
    ----------
    rings, angles : numbers of radii (the first is the centre) and of equally spaced angles. Paper: 9 and 9.
    radius : radius of the outermost ring in pixels; the others are equally spaced from 0.
        # ASSUME: 2 pixels in the released implementation; the paper does not say.
    learnable : whether the offsets are trained.
    """

    def __init__(self, rings: int = 9, angles: int = 9, radius: float = 2.0, learnable: bool = True) -> None:
        if rings < 1 or angles < 1 or radius <= 0:
            given = f"rings {rings}, angles {angles}, radius {radius}"
            raise ValueError(f"geometry: {given}; expected rings and angles of at least 1 and a positive radius")
        radii = torch.linspace(0.0, float(radius), rings)
        phi = torch.arange(angles) * (2 * math.pi / angles)
        directions = torch.stack([phi.cos(), phi.sin()], dim=-1)
        super().__init__(directions[:, None] * radii[None, :, None], learnable)


class SquareGeometry(SharedGeometry):
    """Offsets on the pixel grid, `size` × `size` with `size` odd; a chunk is one row. Fixed unless `learnable`."""

    def __init__(self, size: tuple[int, int] = 9, learnable: bool = False) -> None:
        if size < 1 or size % 2 == 0:
            raise ValueError(f"geometry: size is {size}; expected an odd number")
        axis = torch.arange(size, dtype=torch.float32) - size // 2
        y, x = torch.meshgrid(axis, axis, indexing="ij")
        super().__init__(torch.stack([x, y], dim=-1), learnable)


GEOMETRIES = {"circular": CircularGeometry, "square": SquareGeometry}
