"""Errors of replicas in FITS: a cube with the axes (REPLICA, DEC, RA)."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from astropy.io import fits

from lofi.io.atomic import replacing
from lofi.io.fits import stamp
from lofi.io.fits_files import strictly
from lofi.io.radio_fits import set_axes, sky_axes
from lofi.io.user_file import guarded

MEANING = "replicas: what was reconstructed less what was simulated"


def write_replicas(
    path: str | Path,
    errors: np.ndarray,
    cell_arcsec: float,
    centre: tuple[float, float],
    simulated: bool,
    history: Iterable[str],
) -> None:
    """Write errors (N, H, W) of the model, Jy/pixel; other parameters as of `lofi.io.radio_fits.write_radio_image`."""
    hdu = fits.PrimaryHDU(np.asarray(errors, np.float32))
    set_axes(hdu.header, (*sky_axes(errors.shape[1:], cell_arcsec, centre), ("REPLICA", 0.0, 1.0, 1, "")))
    hdu.header["BTYPE"], hdu.header["BUNIT"] = "Intensity", "Jy/pixel"
    stamp(hdu.header, simulated=simulated, history=[*history, MEANING])
    with replacing(path) as temporary:
        hdu.writeto(temporary, output_verify="exception", checksum=True)


@guarded
def read_replicas(path: str | Path, shape: tuple[int, int]) -> np.ndarray:
    """Errors (N, H, W) as `write_replicas` wrote them, of an image of this shape; ValueError for another file."""
    with strictly(path) as hdus:
        header, errors = hdus[0].header, hdus[0].data
    if errors is None or errors.shape[1:] != shape or header.get("CTYPE3") != "REPLICA":
        raise ValueError(f"'{path}' holds no replicas of an image of {shape[0]} × {shape[1]} pixels")
    return errors.astype(np.float64)
