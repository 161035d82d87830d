"""Images of the two imagers of a comparison beside the truth that they should show."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from lofi.io import hdf5
from lofi.radio.beam import Beam, convolve
from simulations.wide_band import WideBandSky


@dataclass(frozen=True, eq=False)
class Shown:
    """A FITS image (H, W). beam : in pixels; None of a model, Jy/pixel. frequency_hz : of the header."""

    pixels: np.ndarray
    beam: Beam | None
    frequency_hz: float


def read_image(path: Path) -> Shown:
    """A restored image, a residual or a model that `lofi image` or WSClean wrote."""
    pixels, header = fits.getdata(path, header=True)
    beam = None
    if not path.name.endswith("-model.fits"):  # WSClean gives its model of a band a beam and the unit Jy/beam
        cell = header["CDELT2"]
        beam = Beam(header["BMAJ"] / cell, header["BMIN"] / cell, header["BPA"])
    return Shown(np.squeeze(pixels).astype(np.float64), beam, header["CRVAL3"])


def read_sky(path: Path) -> WideBandSky:
    """The true sky of `truth.h5`."""
    record, reference, alpha = hdf5.read(path, "reference", "alpha")
    return WideBandSky(reference, alpha, record["reference_hz"], tuple(record["frequencies_hz"]))


def expected(sky: WideBandSky, shown: Shown) -> np.ndarray:
    """What an image should show: the sky at its frequency, convolved with its own beam if it has one."""
    truth = sky.at(shown.frequency_hz)
    return truth if shown.beam is None else convolve(truth, shown.beam).clip(min=0)  # an FFT leaves −1e-16


def place(path: Path) -> tuple[str, int, str, float]:
    """Comparison, number of the sky, imager and threshold (NaN of `lofi image`) of an image, by its path."""
    imager, _, threshold = path.name.removesuffix("-image.fits").partition("_")
    return path.parts[-3], int(path.parts[-2]), imager, float(threshold or "nan")
