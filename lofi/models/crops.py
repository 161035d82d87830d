"""Random squares of images, for networks that train on parts."""

import torch


def random_corners(count: int, side: int, shape: tuple[int, int], generator: torch.Generator) -> torch.Tensor:
    """(count, 2) rows and columns where squares of `side` begin in images of `shape`; 0 where they do not fit."""
    last = [max(length - side, 0) for length in shape]
    corners = [[int(torch.randint(most + 1, (), generator=generator)) for most in last] for _ in range(count)]
    return torch.tensor(corners)


def cut(images: torch.Tensor, corners: torch.Tensor, side: int) -> torch.Tensor:
    """The squares of `side` pixels (or all there is) of images (B, C, H, W) at their corners."""
    pairs = zip(images, corners.tolist(), strict=True)
    return torch.stack([image[:, top : top + side, left : left + side] for image, (top, left) in pairs])
