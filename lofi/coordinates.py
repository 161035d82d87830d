"""Continuous pixel coordinates (docs/conventions.md, Axes and coordinates)."""

import torch


def pixel_centres(shape, source_shape=None, device=None):
    """Centres of the pixels of an image of `shape`, in pixels of an image of `source_shape` over the same area.

    Returns
    -------
    tensor (H·W, 2) of (x, y), row by row. With `source_shape` omitted or equal to `shape` they are the integers.
    """
    source_shape = shape if source_shape is None else source_shape
    axes = [
        (torch.arange(size, device=device, dtype=torch.float32) + 0.5) * (source / size) - 0.5
        for size, source in zip(shape, source_shape, strict=True)
    ]
    y, x = torch.meshgrid(*axes, indexing="ij")
    return torch.stack([x, y], dim=-1).reshape(-1, 2)
