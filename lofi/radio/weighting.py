"""Weights of visibilities: natural, uniform and Briggs (Briggs 1995, thesis, ch. 3). All sum to 1."""

import numpy as np

from lofi.radio.imaging_options import WEIGHTINGS


def normalised(weights: np.ndarray) -> np.ndarray:
    """Weights (M,) divided by their sum; they must be finite, not negative and not all 0."""
    weights = np.asarray(weights, dtype=np.float64)
    if weights.ndim != 1 or not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum() > 0:
        raise ValueError("weights must be (M,), finite, not negative and not all 0")
    return weights / weights.sum()


def natural(sigma: np.ndarray) -> np.ndarray:
    """Inverse variances `1 / sigma²` of visibilities with noise `sigma` (M,): the least noise in the image."""
    sigma = np.asarray(sigma, dtype=np.float64)
    if not (sigma > 0).all():
        raise ValueError("sigma must be positive")
    return normalised((sigma.min() / sigma) ** 2)


def uniform(x: np.ndarray, y: np.ndarray, shape: tuple[int, int], sigma: np.ndarray) -> np.ndarray:
    """Natural weights divided by the natural weight of their uv cell: every cell counts the same.

    Parameters
    ----------
    x, y : (M,) radians per pixel, along columns and rows.
    shape : (H, W) of the image; a cell is one over the field, 2π/W × 2π/H rad per pixel, centred on its modes.
    sigma : (M,) noise.
    """
    weights = natural(sigma)
    return normalised(weights / _cell_weights(x, y, shape, weights)[0])


def briggs(x: np.ndarray, y: np.ndarray, shape: tuple[int, int], sigma: np.ndarray, robust: float = 0.0) -> np.ndarray:
    """Between uniform (`robust` below about −2) and natural (above about 2).

    `W_i = w_i / (1 + f² D_i)`, `f² = (5 · 10^−robust)² / (Σ_k D_k² / Σ_i w_i)`: natural weights w, their sums D over
    uv cells k; sums over visibilities and conjugates, as in CASA and WSClean. Parameters as for `uniform`.
    """
    if not np.isfinite(robust):
        raise ValueError(f"robust is {robust}; expected a finite number")
    weights = natural(sigma)
    density, squared = _cell_weights(x, y, shape, weights)
    factor = (5.0 * 10.0**-robust) ** 2 / (squared / (2 * weights.sum()))
    return normalised(weights / (1.0 + factor * density))


def imaging_weights(
    x: np.ndarray, y: np.ndarray, shape: tuple[int, int], sigma: np.ndarray, weighting: str, robust: float = 0.0
) -> np.ndarray:
    """Weights (M,) by the name of the `weighting`; `robust` is of briggs. Other parameters as for `uniform`."""
    grid = (x, y, shape, sigma)
    if weighting not in WEIGHTINGS:
        raise ValueError(f"weighting is {weighting!r}; expected one of {', '.join(WEIGHTINGS)}")
    if weighting == "natural":
        return natural(sigma)
    return uniform(*grid) if weighting == "uniform" else briggs(*grid, robust)


def _cell_weights(x, y, shape, weights):
    """The weight in each visibility's uv cell (M,), and the sum over all cells of its square; conjugates counted."""
    if not len(x) == len(y) == len(weights):
        raise ValueError(f"x, y and sigma have {len(x)}, {len(y)} and {len(weights)} visibilities")
    row, column = (np.rint(c * n / (2 * np.pi)).astype(np.int64) for c, n in zip((y, x), shape, strict=True))
    width = 2 * np.abs(column).max() + 1
    cell = row * width + column  # the conjugate's is -cell
    largest = np.abs(cell).max()
    sums = np.bincount(cell + largest, weights, 2 * largest + 1)
    sums += sums[::-1]
    return sums[cell + largest], (sums**2).sum()
