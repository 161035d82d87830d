"""Peaks of maps: local maxima, their positions between pixels, and how many of them noise makes."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter

from lofi.lensing.plateaus import first_of_plateaus

AROUND = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]  # rows and columns from a pixel to its neighbours


@dataclass(frozen=True)
class Peaks:
    """Local maxima, the largest signal to noise first.

    Attributes
    ----------
    row, column : (n,) int, the pixel. y, x : (n,), the place of the maximum, in pixels counted from 0.
    snr : (n,), signal to noise in that pixel. width : (n,), pixels: the standard deviation of a Gaussian of the peak's
        height and curvature.
    """

    row: np.ndarray
    column: np.ndarray
    y: np.ndarray
    x: np.ndarray
    snr: np.ndarray
    width: np.ndarray


def find_peaks(image: np.ndarray, snr: np.ndarray, least: float) -> Peaks:
    """Pixels with a signal to noise of `least` or more that are higher than their eight neighbours.

    Neighbours of one height that pass are one peak, at the first of them in the map (`lofi.lensing.plateaus`).

    Parameters
    ----------
    image, snr : (H, W), NaN where masked.
    """
    padded = np.pad(np.where(np.isfinite(image), image, -np.inf), 1, constant_values=-np.inf)
    highest = maximum_filter(padded, size=3)[1:-1, 1:-1]
    with np.errstate(invalid="ignore"):
        bright = np.pad((snr >= least) & (image > 0), 1)
    row, column = np.nonzero(bright[1:-1, 1:-1] & (image == highest))
    pixel = np.ravel_multi_index((row + 1, column + 1), padded.shape)
    neighbours = pixel + np.array([i * padded.shape[1] + j for i, j in AROUND])[:, None]
    level = (padded.flat[neighbours] == padded.flat[pixel]) & bright.flat[neighbours]
    first = first_of_plateaus(pixel, neighbours, level)
    row, column = row[first], column[first]
    order = np.argsort(-snr[row, column], kind="stable")
    row, column = row[order], column[order]
    middle = image[row, column]
    (dy, curved), (dx, bent) = (
        parabola(padded[row + 1 - i, column + 1 - j], middle, padded[row + 1 + i, column + 1 + j])
        for i, j in ((1, 0), (0, 1))
    )
    return Peaks(row, column, row + dy, column + dx, snr[row, column], gaussian_width(middle, (curved + bent) / 2))


def gaussian_width(height: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """Standard deviation (n,) of a Gaussian of this height and downward curvature."""
    return np.sqrt(height / np.maximum(curvature, 1e-9 * np.maximum(height, 1e-30)))


def parabola(before: np.ndarray, middle: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place of the maximum, −½ to ½, and downward curvature (n,), of three values; 0 beside a masked pixel, −inf."""
    known = np.isfinite(before) & np.isfinite(after)
    before, after = (np.where(known, value, middle) for value in (before, after))
    curvature = 2 * middle - before - after
    step = np.divide(after - before, 2 * curvature, out=np.zeros_like(middle), where=curvature > 0)
    return np.clip(step, -0.5, 0.5), curvature


def turned(gamma: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A shear map whose pixels are turned by random angles: no mass, the same noise, depth and mask."""
    return gamma * np.exp(2j * np.pi * rng.random(gamma.shape))


def false_rate(snr: np.ndarray, false: list[np.ndarray]) -> np.ndarray:
    """Mean number (n,) of peaks in maps of turned shear with as much signal to noise as each of `snr` (n,).

    false : signal to noise of the peaks of each of those maps.
    """
    ordered = np.sort(np.concatenate(false)) if false else np.empty(0)
    return (len(ordered) - np.searchsorted(ordered, snr)) / max(len(false), 1)
