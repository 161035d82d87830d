"""HEALPix maps in FITS (docs/conventions.md, The sphere)."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import healpy as hp
import numpy as np
from astropy.io import fits

from lofi.io.atomic import replacing
from lofi.io.fits import stamp

MASKED = -1e30  # UNSEEN is −1.6375e30, in single precision not quite
PARTIAL = 0.5  # fraction of the sky below which only the pixels seen are written, with the column PIXEL


def write(
    path: str | Path,
    columns: Mapping[str, np.ndarray],
    seen: np.ndarray,
    *,
    simulated: bool,
    history: Iterable[str],
    cards: Mapping | None = None,
) -> None:
    """Write maps as the columns of one HEALPix table: RING, equatorial, float32.

    Parameters
    ----------
    columns : {name: (values (12 nside²,), unit)}; where `seen` (bool (12 nside²,)) is False they are UNSEEN.
    simulated, history, cards : as of `lofi.io.fits.write_maps`.
    """
    options = {
        "column_names": list(columns),
        "column_units": [unit for _, unit in columns.values()],
        "partial": bool(0 < np.mean(seen) < PARTIAL) and np.flatnonzero(seen)[-1] > 127,  # healpy knows no 8-bit PIXEL
    }
    maps = [np.where(seen, values, hp.UNSEEN).astype(np.float32) for values, _ in columns.values()]
    with replacing(path) as temporary:
        hp.write_map(
            temporary, maps, nest=False, coord="C", dtype=np.float32, fits_IDL=False, overwrite=True, **options
        )
        with fits.open(temporary, mode="update") as hdus:
            hdus[1].name = "MAPS"
            header = hdus[1].header
            stamp(header, simulated=simulated, history=history)
            for key, (value, comment) in (cards or {}).items():
                header[key] = (value, comment)
            for hdu in hdus:
                hdu.add_checksum()


def read(path: str | Path) -> tuple[dict[str, np.ndarray], np.ndarray, int]:
    """Columns {name: float64 (12 nside²,)}, RING, what is seen (bool), and nside, of a file written by `write`."""
    with fits.open(path) as hdus:
        table, header = hdus[1].data, hdus[1].header
        nside = header["NSIDE"]
        columns = {name: np.asarray(table[name], dtype=np.float64).ravel() for name in table.columns.names}
    pixel = columns.pop("PIXEL", np.arange(12 * nside**2)).astype(int)
    seen = np.zeros(12 * nside**2, dtype=bool)
    seen[pixel] = next(iter(columns.values())) > MASKED
    whole = {name: np.zeros(12 * nside**2) for name in columns}
    for name, values in columns.items():
        whole[name][pixel] = np.where(values > MASKED, values, 0.0)
    return whole, seen, nside
