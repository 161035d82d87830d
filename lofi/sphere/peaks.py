"""Peaks of maps of the sphere: local maxima among the neighbours of a pixel, and their positions between pixels."""

import healpy as hp
import numpy as np

from lofi.lensing.peak_tables import SkyPeaks
from lofi.lensing.peaks import gaussian_width, parabola
from lofi.lensing.plateaus import first_of_plateaus

AT_A_TIME = 1 << 20  # pixels
AXES = ((0, 4), (2, 6))  # pixels that lie opposite of each other among healpy's neighbours: SW and NE, NW and SE


def find_peaks(kappa: np.ndarray, snr: np.ndarray, least: float) -> SkyPeaks:
    """Pixels with a signal to noise of `least` or more that are higher than their neighbours, seven or eight.

    Neighbours of one height that pass are one peak, at the first of them in the map (`lofi.lensing.plateaus`).
    Parabolas through the neighbours give position and width, as of `lofi.lensing.peaks.find_peaks`, but along the two
    axes across the sides of a pixel, which need not be perpendicular. For a round peak at p the maximum of that along
    the axis a is at `p·a / |a|²`; p follows from both.

    Parameters
    ----------
    kappa, snr : (12 nside²,), RING, NaN where masked.
    """
    nside = hp.npix2nside(len(kappa))
    with np.errstate(invalid="ignore"):
        bright = (snr >= least) & (kappa > 0)
    passing = np.flatnonzero(bright)
    parts = np.array_split(passing, len(passing) // AT_A_TIME + 1)
    pixel = np.concatenate([part[(kappa[part] >= _around(kappa, nside, part)[1]).all(axis=0)] for part in parts])
    neighbours, values = _around(kappa, nside, pixel)
    peaks = np.flatnonzero(first_of_plateaus(pixel, neighbours, (values == kappa[pixel]) & bright[neighbours]))
    peaks = peaks[np.argsort(-snr[pixel[peaks]], kind="stable")]
    pixel, neighbours, values = pixel[peaks], neighbours[:, peaks], values[:, peaks]
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


def _around(kappa, nside, pixel):
    """Neighbours (8, n) of pixels and their values, −inf where masked or where there is none (pixel −1)."""
    neighbours = hp.get_all_neighbours(nside, pixel)
    values = kappa[neighbours]
    return neighbours, np.where((neighbours >= 0) & np.isfinite(values), values, -np.inf)


def _vectors(nside, pixel):
    return np.stack(hp.pix2vec(nside, pixel), axis=-1)
