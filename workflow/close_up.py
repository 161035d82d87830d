"""Where a picture is looked at closely."""

import numpy as np
from scipy.ndimage import uniform_filter


def busiest_square(image, side):
    """Slices (rows, columns) of the square of `side` pixels with the largest mean gradient; the first of equal ones."""
    gradient = uniform_filter(np.hypot(*np.gradient(image.astype(np.float64))), side, mode="constant")
    half, (height, width) = side // 2, image.shape
    inside = gradient[half : height - side + half + 1, half : width - side + half + 1]
    row, column = np.unravel_index(np.argmax(inside), inside.shape)
    return slice(row, row + side), slice(column, column + side)
