"""HEALPix maps in healsparse files: only the part of the sky that is seen takes room."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

import healpy as hp
import numpy as np
from astropy.io import fits

from lofi.io.atomic import replacing
from lofi.io.fits import stamp

SUFFIXES = (".hsp", ".hs")
COVERAGE = 32  # Nside of the pixels that are stored or left out as a whole


def write(
    path: str | Path,
    columns: Mapping[str, np.ndarray],
    seen: np.ndarray,
    *,
    simulated: bool,
    history: Iterable[str],
    cards: Mapping | None = None,
) -> None:
    """Write maps as the fields of one healsparse map, float32; parameters as of `lofi.io.healpix.write`."""
    healsparse = library(path)
    nside = hp.npix2nside(len(seen))
    types = [(name, "f4") for name in columns]
    sparse = healsparse.HealSparseMap.make_empty(min(COVERAGE, nside), nside, types, primary=next(iter(columns)))
    pixel = np.flatnonzero(seen)
    values = np.zeros(len(pixel), types)
    for name, (map_values, _) in columns.items():
        values[name] = map_values[pixel]
    sparse.update_values_pix(hp.ring2nest(nside, pixel), values)
    with replacing(path) as temporary:
        sparse.write(str(temporary), clobber=True)
        with fits.open(temporary, mode="update") as hdus:
            header = next(hdu.header for hdu in hdus if hdu.name == "SPARSE")
            stamp(header, simulated=simulated, history=history)
            for key, (value, comment) in {"COORDSYS": ("C", "equatorial"), **(cards or {})}.items():
                header[key] = (value, comment)


def read(path: str | Path) -> tuple[fits.Header, dict[str, np.ndarray]]:
    """Header and columns of the valid pixels, PIXEL (NESTED) among them, of a map with several fields.

    Raises ValueError for a map with one field.
    """
    sparse = library(path).HealSparseMap.read(str(path))
    if not sparse.is_rec_array:
        raise ValueError(f"'{path}' is a healsparse map of one field; expected one with the fields GAMMA1 and GAMMA2")
    pixel = sparse.valid_pixels
    values = sparse.get_values_pix(pixel)
    cards = dict(sparse.metadata or {})
    history = str(cards.pop("HISTORY", "")).splitlines()
    header = fits.Header(cards)
    for line in history:
        header.add_history(line)
    header["NSIDE"], header["ORDERING"] = sparse.nside_sparse, "NESTED"
    header.setdefault("COORDSYS", "C")  # ASSUME: healsparse has no other frame by itself
    return header, {"PIXEL": pixel} | {name: values[name] for name in values.dtype.names}


def library(path: str | Path) -> ModuleType:
    """The package healsparse; ValueError, which names the file, where it is missing."""
    try:
        import healsparse
    except ImportError as error:
        raise ValueError(
            f"'{path}': healsparse files need healsparse; install it with: pip install healsparse"
        ) from error
    return healsparse
