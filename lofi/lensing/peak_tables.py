"""Peaks on the sky, of the plane or of the sphere, as a table."""

from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from lofi.lensing.peaks import false_rate


@dataclass(frozen=True)
class SkyPeaks:
    """Local maxima of a map, the largest signal to noise first.

    Attributes
    ----------
    pixel : (n,) int, place in the map laid out in one row. ra, dec : (n,), degrees, ICRS. snr : (n,), signal to noise.
    scale : (n,), arcmin: standard deviation of a Gaussian of the peak's height and curvature.
    """

    pixel: np.ndarray
    ra: np.ndarray
    dec: np.ndarray
    snr: np.ndarray
    scale: np.ndarray

    def __len__(self) -> int:
        return len(self.pixel)


def peak_table(peaks: SkyPeaks, kappa: np.ndarray, false: list[np.ndarray]) -> Table:
    """The table of peaks.

    Parameters
    ----------
    kappa : (n,), at the peaks. false : signal to noise of the peaks of each map of turned shear; none: no column.
    """
    table = Table({"ra": peaks.ra, "dec": peaks.dec, "kappa": kappa, "snr": peaks.snr, "scale": peaks.scale})
    if false:
        table["false"] = false_rate(peaks.snr, false)
    return table


def said(of: str, peaks: SkyPeaks, least: float, false: list[np.ndarray]) -> str:
    """A sentence on how many peaks a map has, and how many those of turned shear."""
    sentence = f"{of}: {len(peaks)} peaks with a signal to noise of {least:g} or more"
    if not false:
        return sentence
    counts = [len(each) for each in false]
    error = np.sqrt(max(np.sum(counts), 1)) / len(counts)
    return f"{sentence}; randomly turned shear has {np.mean(counts):.3g} +- {error:.2g}"
