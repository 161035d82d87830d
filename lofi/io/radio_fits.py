"""Radio images in FITS: four axes, SIN projection, the beam in degrees (docs/conventions.md)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date as calendar_date
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from lofi.io.atomic import replacing
from lofi.io.fits import stamp

UNITS = ("Jy/beam", "Jy/pixel", "")
MJD_ZERO = calendar_date(1858, 11, 17)


def write_radio_image(
    path: str | Path,
    image: np.ndarray,
    unit: str,
    *,
    cell_arcsec: float,
    centre: tuple[float, float],
    frequency_hz: float,
    bandwidth_hz: float,
    beam: tuple[float, float, float] | None = None,
    object: str = "",
    telescope: str = "",
    date: str = "",
    simulated: bool,
    history: Iterable[str] = (),
) -> None:
    """Write one image as the primary HDU of a FITS file, float32 with the axes (STOKES, FREQ, DEC, RA).

    Parameters
    ----------
    image : (H, W), North up, East left with the first row at the bottom; pixel (H // 2, W // 2) is the phase centre.
        Masked pixels of a masked array have no value: they are NaN in the file (FITS standard 4.0, 5.3).
    unit : `Jy/beam`, `Jy/pixel` or empty, of a ratio. cell_arcsec : side of a pixel.
    centre : right ascension and declination of the phase centre in degrees (FK5, J2000).
    frequency_hz, bandwidth_hz : centre and width of the only channel; a width of 0 is unknown and written as 1 Hz.
    beam : (bmaj, bmin, bpa) in degrees, FWHM, from North through East, or None; written for `Jy/beam` alone.
    object, telescope : names. date : of the observation, YYYY-MM-DD; each is left out where empty.
    simulated : whether the sky is simulated. history : lines of HISTORY.

    Raises ValueError where the image is not two-dimensional or has NaN or inf that no mask covers, or a number is out
    of its range.
    """
    _check(path, image)
    hdu = _hdu(path, image, unit, cell_arcsec, centre, frequency_hz, bandwidth_hz)
    header = hdu.header
    if beam is not None and unit == "Jy/beam":
        bmaj, bmin, bpa = beam
        if not (np.isfinite(beam).all() and bmaj >= bmin > 0):
            raise ValueError(f"{path}: beam is {tuple(beam)}; expected bmaj >= bmin > 0 and bpa, in degrees")
        header["BMAJ"], header["BMIN"] = (bmaj, "[deg] FWHM of the beam's major axis"), (bmin, "[deg] minor axis")
        header["BPA"] = (bpa, "[deg] position angle, North through East")
    set_observation(header, object, telescope, date)
    stamp(header, simulated=simulated, history=history)
    with replacing(path) as temporary:
        hdu.writeto(temporary, output_verify="exception", checksum=True)


def set_observation(header: fits.Header, object: str, telescope: str, date: str) -> None:
    """Add what was observed, with what and when, as of `write_radio_image`."""
    for key, word in (("OBJECT", object), ("TELESCOP", telescope), ("DATE-OBS", date)):
        if word:
            header[key] = word.encode("ascii", "replace").decode()
    if date:
        header["MJD-OBS"] = float((calendar_date.fromisoformat(date) - MJD_ZERO).days)


def write_radio_set(prefix: str | Path, images: Mapping[str, tuple[np.ndarray, str]], **header: Any) -> list[Path]:
    """Write `{suffix: (image, unit)}` as `<prefix>-<suffix>.fits`; `header` as for `write_radio_image`.

    The usual suffixes are dirty, psf, residual, image (Jy/beam) and model (Jy/pixel). All images must have one shape.
    Returns the paths, a list. Raises ValueError, before any is written, where an image is not finite.
    """
    shapes = {suffix: np.shape(image) for suffix, (image, _) in images.items()}
    if len(set(shapes.values())) > 1:
        raise ValueError(f"{prefix}: images have different shapes: {shapes}")
    paths = [Path(f"{prefix}-{suffix}.fits") for suffix in images]
    for path, (image, _) in zip(paths, images.values(), strict=True):
        _check(path, image)
    for path, (image, unit) in zip(paths, images.values(), strict=True):
        write_radio_image(path, image, unit, **header)
    return paths


def celestial(shape: tuple[int, int], cell_arcsec: float, centre: tuple[float, float]) -> WCS:
    """The celestial coordinates of the pixels of such an image (H, W); parameters as of `write_radio_image`."""
    header = fits.Header()
    set_axes(header, sky_axes(shape, cell_arcsec, centre))
    return WCS(header)


def sky_axes(shape: tuple[int, int], cell_arcsec: float, centre: tuple[float, float]) -> tuple[tuple, tuple]:
    """Cards of the axes RA and DEC for `set_axes`; parameters as of `celestial`."""
    height, width = shape
    degrees = cell_arcsec / 3600
    return (
        ("RA---SIN", float(centre[0]), -degrees, width // 2 + 1, "deg"),
        ("DEC--SIN", float(centre[1]), degrees, height // 2 + 1, "deg"),
    )


def set_axes(header: fits.Header, axes: Sequence[tuple]) -> None:
    """Add axes, from the first on, each (CTYPE, CRVAL, CDELT, CRPIX, CUNIT)."""
    for axis, cards in enumerate(axes, start=1):
        for key, value in zip(("CTYPE", "CRVAL", "CDELT", "CRPIX", "CUNIT"), cards, strict=True):
            header[f"{key}{axis}"] = float(value) if key == "CRPIX" else value
    header["LONPOLE"] = (180.0, "[deg] North up, at the poles, too")
    header["RADESYS"], header["EQUINOX"] = "FK5", 2000.0


def _check(path, image):
    values = np.ma.compressed(image)
    if np.ndim(image) != 2 or not (np.abs(values) <= np.finfo(np.float32).max).all():  # false for NaN
        found = f"shape {np.shape(image)}" if np.ndim(image) != 2 else "NaN or inf"
        raise ValueError(f"{path}: the image has {found}; expected finite (H, W)")


def _hdu(path, image, unit, cell_arcsec, centre, frequency_hz, bandwidth_hz):
    image = np.ma.filled(np.ma.asarray(image, np.float32), np.nan)
    if unit not in UNITS:
        raise ValueError(f"{path}: unit is {unit!r}; expected one of {', '.join(map(repr, UNITS))}")
    if not (0 < cell_arcsec < np.inf and 0 < frequency_hz < np.inf and 0 <= bandwidth_hz < np.inf):
        found = f"cell_arcsec {cell_arcsec}, frequency_hz {frequency_hz}, bandwidth_hz {bandwidth_hz}"
        raise ValueError(f"{path}: {found}; expected positive numbers")
    if not (np.isfinite(centre).all() and abs(centre[1]) <= 90):
        raise ValueError(f"{path}: centre is {tuple(centre)}; expected right ascension and declination in degrees")
    hdu = fits.PrimaryHDU(image[None, None])
    axes = (
        *sky_axes(image.shape, cell_arcsec, centre),
        ("FREQ", float(frequency_hz), float(bandwidth_hz) or 1.0, 1, "Hz"),
        ("STOKES", 1.0, 1.0, 1, ""),
    )
    set_axes(hdu.header, axes)
    hdu.header["SPECSYS"] = "TOPOCENT"
    if unit:
        hdu.header["BTYPE"], hdu.header["BUNIT"] = "Intensity", unit
    return hdu
