"""Fills of missing pixels that need no training: the start of ADMM, and what it is compared with."""

import numpy as np
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator
from skimage.restoration import inpaint_biharmonic


def delaunay(observed, mask):
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


def biharmonic(observed, mask):
    """The smoothest surface through the seen pixels, Δ²f = 0 elsewhere (Damelin & Hoang 2018), by scikit-image.

    Arguments and result as of `delaunay`.
    """
    return inpaint_biharmonic(np.where(mask, observed, 0.0).astype(np.float64), ~mask)


def held_out_error(fill, observed, mask, rng, share=0.05):
    """RMS error of `fill` on a `share` of the seen pixels, which it is not given: its error where pixels are missing.

    fill : `delaunay` or another of its kind. rng : numpy.random.Generator that chooses them. At least one is held out.
    """
    seen = np.flatnonzero(mask)
    held_out = rng.choice(seen, max(1, round(share * seen.size)), replace=False)
    fewer = mask.copy()
    fewer.flat[held_out] = False
    return float(np.sqrt(np.mean((fill(observed, fewer) - observed).flat[held_out] ** 2)))
