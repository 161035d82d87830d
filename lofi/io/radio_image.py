"""Reading the images that `lofi image` wrote."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from astropy.wcs.utils import proj_plane_pixel_scales

from lofi.io.fits_files import strictly
from lofi.io.user_file import guarded


@dataclass(frozen=True, eq=False)
class RadioImage:
    """One image (H, W) of a file, float64; side of a pixel, phase centre in degrees, and the whole header."""

    image: np.ndarray
    cell_arcsec: float
    centre: tuple[float, float]
    header: fits.Header


@guarded
def read_radio_image(path: str | Path, unit: str) -> RadioImage:
    """An image of this `unit` as `lofi.io.radio_fits.write_radio_image` writes it.

    Raises ValueError, one sentence, for cubes and for files of another kind.
    """
    with strictly(path) as hdus:
        header, data = hdus[0].header.copy(), hdus[0].data
    kinds = [header.get(f"CTYPE{axis}") for axis in (1, 2)]
    if data is None or data.ndim < 2 or kinds != ["RA---SIN", "DEC--SIN"] or header.get("BUNIT", "") != unit:
        raise ValueError(f"'{path}' is no image of `lofi image` in {unit}")
    planes = int(np.prod(data.shape[:-2]))
    if planes != 1:
        raise ValueError(f"'{path}' is a cube of {planes} planes; expected one image")
    degrees = proj_plane_pixel_scales(WCS(header).celestial)
    return RadioImage(
        data.reshape(data.shape[-2:]).astype(np.float64),
        float(degrees[1]) * 3600,
        (float(header["CRVAL1"]), float(header["CRVAL2"])),
        header,
    )
