"""Peaks of maps of the sphere: local maxima among the neighbours of a pixel, and their positions between pixels."""

import healpy as hp
import numpy as np

from lofi.lensing.peak_tables import SkyPeaks
from lofi.lensing.peaks import gaussian_width, parabola

AT_A_TIME = 1 << 20  # pixels
AXES = ((0, 4), (2, 6))  # pixels that lie opposite of each other among healpy's neighbours: SW and NE, NW and SE


def find_peaks(kappa: np.ndarray, snr: np.ndarray, least: float) -> SkyPeaks:
    """Pixels with a signal to noise of `least` or more that are higher than their neighbours, seven or eight.

    Parabolas through the neighbours give position and width, as of `lofi.lensing.peaks.find_peaks`, but along the two
    axes across the sides of a pixel, which need not be perpendicular. For a round peak at p the maximum of that along
    the axis a is at `p·a / |a|²`; p follows from both.

    Parameters
    ----------
    kappa, snr : (12 nside²,), RING, NaN where masked.
    """
    nside = hp.npix2nside(len(kappa))
    with np.errstate(invalid="ignore"):
        bright = np.flatnonzero((snr >= least) & (kappa > 0))
    parts = np.array_split(bright, len(bright) // AT_A_TIME + 1)
    highest = [part[_is_highest(kappa, nside, part, bright)] for part in parts]
    pixel = np.concatenate(highest)
    pixel = pixel[np.argsort(-snr[pixel], kind="stable")]
    neighbours, values = _around(kappa, nside, pixel)
    middle, centre = kappa[pixel], _vectors(nside, pixel)
    axes, places, curvatures = [], [], []
    for before, after in AXES:
        place, curvature = parabola(values[before], middle, values[after])
        axis = (_vectors(nside, neighbours[after]) - _vectors(nside, neighbours[before])) / 2
        squared = (axis**2).sum(axis=1)
        axes.append(axis)
        places.append(place * squared)
        curvatures.append(curvature / squared)
    axes = np.stack(axes, axis=1)  # (n, 2, 3)
    steps = np.linalg.solve(axes @ axes.transpose(0, 2, 1), np.stack(places, axis=1)[:, :, None])
    summit = centre + (steps * axes).sum(axis=1)
    ra, dec = hp.vec2ang(summit, lonlat=True)
    width = gaussian_width(middle, sum(curvatures) / 2)
    return SkyPeaks(pixel, ra, dec, snr[pixel], np.degrees(width) * 60)


def _is_highest(kappa, nside, pixel, bright):
    """Whether pixels (n,) are higher than their neighbours; of `bright` ones as high, the first in the map is."""
    neighbours, values = _around(kappa, nside, pixel)
    later = (pixel < neighbours) | ~np.isin(neighbours, bright)
    return ((kappa[pixel] > values) | ((kappa[pixel] == values) & later)).all(axis=0)


def _around(kappa, nside, pixel):
    """Neighbours (8, n) of pixels and their values, −inf where masked or where there is none (pixel −1)."""
    neighbours = hp.get_all_neighbours(nside, pixel)
    values = kappa[neighbours]
    return neighbours, np.where((neighbours >= 0) & np.isfinite(values), values, -np.inf)


def _vectors(nside, pixel):
    return np.stack(hp.pix2vec(nside, pixel), axis=-1)
