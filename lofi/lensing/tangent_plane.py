"""The tangent plane of a field: RA---TAN/DEC--TAN, x towards West, y towards North (docs/conventions.md)."""

import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from astropy.coordinates import ICRS
from astropy.io.fits import Header
from astropy.wcs import WCS
from astropy.wcs.utils import proj_plane_pixel_scales
from numpy.typing import ArrayLike

from lofi.io.sky_frame import stated_frame

MAX_FIELD_DEGREES = 20.0
RADESYS = {"fk4": "FK4", "fk4noeterms": "FK4-NO-E", "fk5": "FK5"}  # by astropy's names
SIDE_RANGE = (4, 8192)  # pixels; beyond them the pixel size is surely in a wrong unit
SMALLEST_PIXEL = 1e-6 / 60  # arcmin, a micro-arcsecond
STRAIGHT = 0.02  # of sine and cosine of the angle between axes and the sky
_STEP = 1e-3  # degrees along the meridian; the central difference errs by its square


def tangent_wcs(centre: tuple[float, float], pixel_arcmin: float, shape: tuple[int, int]) -> WCS:
    """Gnomonic WCS of a field.

    Parameters
    ----------
    centre : (ra, dec) of the middle of the image, degrees.
    pixel_arcmin : side of the square pixels.
    shape : (H, W) of the image.
    """
    ra, dec = (float(value) for value in centre)
    if not (-180.0 <= ra <= 360.0 and -90.0 <= dec <= 90.0):
        raise ValueError(f"the centre of the field is ra {ra:g}, dec {dec:g}; expected degrees on the sky")
    if not (np.isfinite(pixel_arcmin) and pixel_arcmin >= SMALLEST_PIXEL):
        raise ValueError(f"pixel_arcmin is {pixel_arcmin}; expected a number > 0, at least {SMALLEST_PIXEL:.2g}")
    height, width = shape
    if min(shape) < 1:
        raise ValueError(f"the field has {height} × {width} pixels; expected positive numbers")
    degrees = max(height, width) * pixel_arcmin / 60.0
    if degrees > MAX_FIELD_DEGREES:
        raise ValueError(
            f"a field of {height} × {width} pixels of {pixel_arcmin:g}′ spans {degrees:.1f}°, too large for a tangent "
            f"plane; expected at most {MAX_FIELD_DEGREES:g}°"
        )
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.cunit = ["deg", "deg"]
    wcs.wcs.crval = [ra % 360.0, dec]
    wcs.wcs.crpix = [(width + 1) / 2.0, (height + 1) / 2.0]
    wcs.wcs.cd = np.diag([-pixel_arcmin / 60.0, pixel_arcmin / 60.0])
    wcs.wcs.lonpole = 180.0  # North up, also where the centre is a pole
    wcs.wcs.radesys = "ICRS"
    wcs.array_shape = (height, width)
    wcs.wcs.set()
    return wcs


def unit_vectors(ra: ArrayLike, dec: ArrayLike) -> np.ndarray:
    """Unit vectors (..., 3) of directions in degrees."""
    ra, dec = np.radians(ra), np.radians(dec)
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)


def mean_direction(mean: np.ndarray) -> tuple[float, float]:
    """(ra, dec) in degrees of a mean of unit vectors (3,): right across RA 0 = 360 and at the poles."""
    x, y, z = mean
    if np.linalg.norm(mean) < 1e-6:
        raise ValueError("the positions are spread over the whole sky and have no centre; give the centre of a field")
    return float(np.degrees(np.arctan2(y, x)) % 360.0), float(np.degrees(np.arctan2(z, np.hypot(x, y))))


def field_wcs(
    ra: np.ndarray,
    dec: np.ndarray,
    pixel_arcmin: float,
    centre: tuple[float, float] | None = None,
    shape: tuple[int, int] | None = None,
    mean: np.ndarray | None = None,
) -> tuple[WCS, tuple[int, int]]:
    """WCS and shape of the field around positions.

    Parameters
    ----------
    ra, dec : arrays (n,), degrees.
    centre : (ra, dec) in degrees; None takes the middle of the positions.
    shape : (H, W); None takes the smallest image about the centre that holds all positions.
    mean : unit vector (3,), mean of all positions, where `ra` and `dec` are only those that enclose them.

    Returns
    -------
    wcs, (H, W)
    """
    computed = centre is None
    if computed:
        centre = mean_direction(unit_vectors(ra, dec).mean(axis=0) if mean is None else mean)
    plane = tangent_wcs(centre, pixel_arcmin, (1, 1))
    if shape is not None and min(shape) < SIDE_RANGE[0]:
        raise ValueError(f"the field has {shape[0]} × {shape[1]} pixels; expected at least {SIDE_RANGE[0]} per side")
    if shape is not None and not computed:
        return tangent_wcs(centre, pixel_arcmin, shape), tuple(shape)
    separation = np.degrees(np.arccos(np.clip(unit_vectors(ra, dec) @ unit_vectors(*centre), -1.0, 1.0)))
    if 2 * separation.max() > MAX_FIELD_DEGREES:
        raise ValueError(
            f"the catalogue reaches {separation.max():.1f}° from ra {centre[0]:.4f}, dec {centre[1]:.4f}, too far for "
            f"one tangent plane of {MAX_FIELD_DEGREES:g}°; give the centre and the shape of a field in it"
        )
    if computed:  # from the mean, which follows the density, to the middle of the extent
        x, y = plane.all_world2pix(ra, dec, 0)
        middle = plane.all_pix2world((x.min() + x.max()) / 2, (y.min() + y.max()) / 2, 0)
        centre = tuple(float(value) for value in middle)
        plane = tangent_wcs(centre, pixel_arcmin, (1, 1))
    if shape is None:
        x, y = plane.all_world2pix(ra, dec, 0)
        shape = tuple(int(np.ceil(2 * np.abs(extent).max() * (1 + 1e-9))) for extent in (y, x))
        if min(shape) < SIDE_RANGE[0] or max(shape) > SIDE_RANGE[1]:
            raise ValueError(
                f"with pixel_arcmin {pixel_arcmin:g} the catalogue would fill {shape[0]} × {shape[1]} pixels; expected "
                f"{SIDE_RANGE[0]} to {SIDE_RANGE[1]} pixels per side"
            )
    return tangent_wcs(centre, pixel_arcmin, shape), shape


def near_field(wcs: WCS, ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    """Boolean array (n,): positions less than 45° from the tangent point, where the projection is well behaved."""
    return unit_vectors(ra, dec) @ unit_vectors(*wcs.wcs.crval) > np.cos(np.radians(45.0))


def meridian_angle(wcs: WCS, ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    """Angle (n,) in radians from the y axis of the plane to each position's own North, counted from y to −x.

    A spin-2 quantity measured against the position's (West, North) becomes `e · exp(2i angle)` in the plane. The
    meridian is projected numerically, so that it holds for any WCS.
    """
    above = wcs.all_world2pix(ra, np.minimum(np.asarray(dec) + _STEP, 90.0), 0)
    below = wcs.all_world2pix(ra, np.maximum(np.asarray(dec) - _STEP, -90.0), 0)
    return np.arctan2(below[0] - above[0], above[1] - below[1])


def wcs_header(wcs: WCS) -> Header:
    """FITS header of a plane made by `tangent_wcs`, its scale as a CD matrix."""
    header = wcs.to_header()
    for card in [card for card in header if card.startswith(("PC", "CDELT"))]:
        del header[card]
    for i in (1, 2):
        for j in (1, 2):
            header[f"CD{i}_{j}"] = (float(wcs.wcs.cd[i - 1, j - 1]), "[deg/pixel] coordinate transformation")
    return header


def plane_from_headers(
    path: str | Path, headers: Iterable[Header], shape: tuple[int, int]
) -> tuple[WCS, str, bool] | tuple[None, None, bool]:
    """The tangent plane that a FITS file describes, with its columns turned to run West and its rows North.

    What counts is where the whole WCS puts sky positions: CD or PC with CDELT, CROTA, LONPOLE and LATPOLE.

    Parameters
    ----------
    path : name of the file, for messages.
    headers : FITS headers; the first with celestial axes counts.
    shape : (H, W) of the image.

    Returns
    -------
    wcs of the image once it is turned, where columns run in the file, "west" or "east", and whether its rows run South;
    or (None, None, False).

    Raises ValueError for other projections, distortions, pixels that are not square, and axes that are turned by
    another angle than half a turn.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy repairs dates and units aloud
        planes = [(WCS(header), header) for header in headers]
    whole, header = next(((wcs, header) for wcs, header in planes if wcs.has_celestial), (None, None))
    if whole is None:
        return None, None, False
    if whole.sip is not None or whole.cpdis1 is not None or whole.det2im1 is not None:
        raise ValueError(
            f"'{path}' has a WCS with distortions (SIP or tables); resample the map to a plain TAN projection"
        )
    wcs = whole.celestial
    kinds = list(wcs.wcs.ctype)
    if kinds != ["RA---TAN", "DEC--TAN"]:
        raise ValueError(f"'{path}' has the projection {kinds}; expected ['RA---TAN', 'DEC--TAN']")
    scales = proj_plane_pixel_scales(wcs) * 60.0
    if abs(scales[0] / scales[1] - 1) > 0.01:
        raise ValueError(f"'{path}' has pixels of {scales[0]:.4g}′ × {scales[1]:.4g}′; expected square pixels (to 1 %)")
    side = float(np.sqrt(scales[0] * scales[1]))
    canonical = tangent_wcs(wcs.wcs.crval, side, shape)
    east, south = _directions(path, wcs, canonical)
    column, row = wcs.wcs.crpix
    canonical.wcs.crpix = [shape[1] + 1 - column if east else column, shape[0] + 1 - row if south else row]
    frame = stated_frame(path, header)
    if frame is not None and not isinstance(frame, ICRS):
        canonical.wcs.radesys = RADESYS[frame.name]
        canonical.wcs.equinox = frame.equinox.byear if frame.name.startswith("fk4") else frame.equinox.jyear
    canonical.wcs.set()
    return canonical, "east" if east else "west", south


def _directions(path, wcs, canonical):
    """Whether columns run East and rows South, by where the pixels West and North of the centre lie."""
    sky = canonical.all_pix2world(canonical.wcs.crpix[0] + [0, 1, 0], canonical.wcs.crpix[1] + [0, 0, 1], 1)
    x, y = wcs.all_world2pix(*sky, 1)
    west, north = np.array([x[1] - x[0], y[1] - y[0]]), np.array([x[2] - x[0], y[2] - y[0]])
    if max(abs(west[1]), abs(north[0])) > STRAIGHT:
        angle = np.degrees(np.arctan2(-north[0], north[1]))
        raise ValueError(
            f"'{path}' has rotated axes: {angle:.1f}° against North (CD, PC, CROTA2 or LONPOLE); expected rows along "
            "North or South, columns along West or East: resample the map"
        )
    return west[0] < 0, north[1] < 0
