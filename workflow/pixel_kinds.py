"""Pixels at edges, at corners and in flat parts of a clean picture, found by its structure tensor."""

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

KINDS = ("edge", "corner", "flat")
GRADIENT, NEIGHBOURHOOD = 1.0, 2.0  # pixels, standard deviations: of the derivative, of what the tensor averages over


def structure(picture):
    """Eigenvalues of the structure tensor of a picture (H, W), larger first, and the direction along the edge.

    Returns two arrays (H, W) and unit vectors (H, W, 2) of (x, y), the eigenvector of the smaller eigenvalue.
    """
    picture = np.asarray(picture, np.float64)
    dy, dx = (
        gaussian_filter1d(gaussian_filter1d(picture, GRADIENT, axis, order=1), GRADIENT, 1 - axis) for axis in (0, 1)
    )
    xx, xy, yy = (gaussian_filter(product, NEIGHBOURHOOD) for product in (dx * dx, dx * dy, dy * dy))
    values, vectors = np.linalg.eigh(np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], -2))
    return values[..., 1], values[..., 0], vectors[..., :, 0]


def chosen_pixels(picture, count, margin, apart):
    """{kind: the `count` places (count, 2) of (row, column) that are most of this kind}, at least `apart` pixels apart.

    Edges have the largest gradient in a single direction, corners the largest in their weaker direction, flat parts the
    smallest. Nothing is nearer to the border than `margin`. Raises ValueError if there are not so many.
    """
    strong, weak, _ = structure(picture)
    scores = {
        "edge": strong * ((strong - weak) / (strong + weak + 1e-12)) ** 2,
        "corner": weak,
        "flat": -strong - weak,
    }
    return {kind: _most(score, count, margin, apart) for kind, score in scores.items()}


def _most(score, count, margin, apart):
    """Places of the largest values, each one the largest that is `apart` from those before."""
    free = np.zeros(score.shape, bool)
    free[margin : score.shape[0] - margin, margin : score.shape[1] - margin] = True
    rows, columns = np.indices(score.shape)
    places = []
    for _ in range(count):
        if not free.any():
            raise ValueError(f"a picture of {score.shape} pixels has no {count} places {apart} pixels apart")
        row, column = np.unravel_index(np.argmax(np.where(free, score, -np.inf)), score.shape)
        places.append((row, column))
        free &= (rows - row) ** 2 + (columns - column) ** 2 >= apart**2
    return np.array(places)
