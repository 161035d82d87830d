"""Noise of the dirty image (docs/conventions.md, Radio interferometry)."""

import numpy as np
from numpy.typing import ArrayLike

from lofi.radio.weighting import normalised


def theoretical_noise(weights: np.ndarray, sigma: ArrayLike) -> float:
    """Noise of a pixel of the dirty image, `√(Σ W² sigma²)` with weights W (M,) divided by their sum; Jy/beam."""
    check_sigma(sigma)
    return float(np.linalg.norm(normalised(weights) * sigma))


def check_sigma(sigma: ArrayLike) -> None:
    """ValueError unless noise `sigma` (scalar or (M,)) is positive and finite."""
    if not (np.isfinite(sigma).all() and np.all(np.asarray(sigma) > 0)):
        raise ValueError("sigma must be positive and finite")
