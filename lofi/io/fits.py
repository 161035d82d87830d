"""Maps in FITS with a celestial coordinate system (docs/conventions.md, FITS)."""

import textwrap
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from astropy.io import fits

from lofi.io.atomic import replacing

NUMBERED = {"WCSAXES": 3, "CTYPE3": "SAMPLE", "CRPIX3": 1.0, "CRVAL3": 1.0, "CD3_3": 1.0}  # third axis, linear
CARD = 72  # characters of a line of HISTORY


def creator() -> str:
    """Name and version of this software, for headers."""
    try:
        return f"lofi-maps {version('lofi-maps')}"
    except PackageNotFoundError:
        return "lofi-maps"


def stamp(header: fits.Header, *, simulated: bool, history: Iterable[str]) -> None:
    """Add the cards that every file has: ORIGIN, CREATOR, DATE, SIMULATD and HISTORY, wrapped at words."""
    header["ORIGIN"] = ("LoFi maps", "software that wrote this file")
    header["CREATOR"] = creator()
    header["DATE"] = (datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "UTC")
    header["SIMULATD"] = (bool(simulated), "T: simulated sky, invented centre")
    for line in history:
        for part in textwrap.wrap(line.encode("ascii", "replace").decode(), CARD, break_on_hyphens=False):  # ASCII only
            header.add_history(part)


def write_maps(
    path: str | Path,
    maps: Mapping[str, np.ndarray],
    wcs_cards: Mapping,
    *,
    simulated: bool,
    history: Iterable[str],
    cards: Mapping | None = None,
) -> None:
    """Write named images as one FITS file, first an empty primary HDU, then one image HDU each.

    Parameters
    ----------
    maps : {HDU name: (array (H, W), or (N, H, W) of maps of one kind, BUNIT)}; boolean arrays become 8-bit.
    wcs_cards : header cards of the images' coordinate system; the third axis of cubes counts maps from 1.
    simulated : whether the sky is simulated (card SIMULATD).
    history : lines of HISTORY. cards : further cards {key: (value, comment)} of the primary header.
    """
    primary = fits.PrimaryHDU()
    header = primary.header
    stamp(header, simulated=simulated, history=history)
    for key, (value, comment) in (cards or {}).items():
        header[key] = (value, comment)
    hdus = fits.HDUList([primary])
    for name, (image, unit) in maps.items():
        image = np.asarray(image)
        image = image.astype(np.uint8) if image.dtype == bool else image.astype(np.float32)
        hdu = fits.ImageHDU(image, name=name)
        hdu.header.update(deepcopy(wcs_cards))  # headers share their cards else
        if image.ndim == 3:
            hdu.header.update(NUMBERED)
        hdu.header["BUNIT"] = unit
        hdus.append(hdu)
    with replacing(path) as temporary:
        hdus.writeto(temporary, output_verify="exception", checksum=True)
