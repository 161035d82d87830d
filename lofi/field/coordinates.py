"""Continuous pixel coordinates (docs/conventions.md, Axes and coordinates)."""

import torch


def pixel_centres(
    shape: tuple[int, int],
    source_shape: tuple[int, int] | None = None,
    device: torch.device | None = None,
    pixels: torch.Tensor | None = None,
) -> torch.Tensor:
    """Centres of the pixels of an image of `shape`, in pixels of an image of `source_shape` over the same area.

    Parameters
    ----------
    pixels : whole numbers (...), places in the flattened image, row by row; all of them if omitted.

    Returns
    -------
    tensor (..., 2) of (x, y), float32; with all pixels (H·W, 2). With `source_shape` omitted or equal to `shape` they
    are the integers.
    """
    (height, width), (source_height, source_width) = shape, shape if source_shape is None else source_shape
    pixels = torch.arange(height * width, device=device) if pixels is None else pixels.to(device)
    y = (pixels // width + 0.5) * (source_height / height) - 0.5
    x = (pixels % width + 0.5) * (source_width / width) - 0.5
    return torch.stack([x, y], dim=-1)
