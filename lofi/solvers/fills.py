"""Fills of missing pixels that need no training: the start of ADMM, and what it is compared with."""

import numpy as np
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator
from skimage.restoration import inpaint_biharmonic

MIXTURES = (0.0, 1.5)  # ASSUME: beyond 1, as far as an extrapolation from few held-out pixels is to be trusted


def delaunay(observed: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Linear interpolation on the Delaunay triangles of the seen pixels, outside them the nearest one.

    observed : (H, W). mask : (H, W) bool, true where seen, somewhere. Returns (H, W) float64, seen pixels as they are.
    """
    places, values = np.argwhere(mask), observed[mask].astype(np.float64)
    missing = np.argwhere(~mask)
    filled = observed.astype(np.float64)
    estimate = LinearNDInterpolator(places, values)(missing)
    outside = np.isnan(estimate)
    estimate[outside] = NearestNDInterpolator(places, values)(missing[outside])
    filled[~mask] = estimate
    return filled


def biharmonic(observed: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The smoothest surface through the seen pixels, Δ²f = 0 elsewhere (Damelin & Hoang 2018), by scikit-image.

    Arguments and result as of `delaunay`.
    """
    return inpaint_biharmonic(np.where(mask, observed, 0.0).astype(np.float64), ~mask)


def held_out(mask: np.ndarray, rng: np.random.Generator, share: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """A `share` of the seen pixels, at least one, to test a fill with: their flat places, and the mask without them.

    rng : numpy.random.Generator that chooses them.
    """
    seen = np.flatnonzero(mask)
    places = rng.choice(seen, max(1, round(share * seen.size)), replace=False)
    fewer = mask.copy()
    fewer.flat[places] = False
    return places, fewer


def mixing_weight(first: np.ndarray, second: np.ndarray, truth: np.ndarray) -> float:
    """w of the mixture `first + w (second − first)` that is nearest to `truth`, within MIXTURES; all (n,)."""
    difference = np.asarray(second, np.float64) - first
    power = difference @ difference
    return float(np.clip(difference @ (truth - first) / power, *MIXTURES)) if power > 0 else 0.0
