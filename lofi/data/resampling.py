"""Averages of an image over the larger pixels of a part of it."""

import numpy as np


def averaged(image: np.ndarray, start: tuple[float, float], width: float, size: int) -> np.ndarray:
    """The square of side `width` ≥ `size` that begins at the pixel edges `start` (row, column), in `size`² pixels.

    Each is the exact average of the image, constant within its own pixels, over its area. `start` and `width` are in
    pixels of `image` and need not be whole. Returns (size, size) of the type of `image`, floating-point.
    """
    first = np.floor(start).astype(int)
    last = np.minimum(np.ceil(np.asarray(start) + width).astype(int), image.shape)
    inside = image[first[0] : last[0], first[1] : last[1]]
    rows, columns = (_overlaps(start[i] - first[i], width / size, size, last[i] - first[i]) for i in (0, 1))
    return rows.astype(inside.dtype) @ inside @ columns.T.astype(inside.dtype)


def _overlaps(start, step, size, pixels):
    """(size, pixels): the share of each of `size` intervals of length `step` from `start` that lies in each pixel."""
    edges = start + step * np.arange(size + 1)
    filled = np.clip(edges[:, None] - np.arange(pixels), 0, 1)  # how much of each pixel lies before each edge
    return np.diff(filled, axis=0) / step
