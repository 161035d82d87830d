"""Tables of peaks on disk: FITS, with the maps of aperture mass beside them, or CSV."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from astropy import units
from astropy.io import fits
from astropy.table import Table

from lofi.io.atomic import replacing
from lofi.io.fits import stamp
from lofi.lensing.map_file import MapFile

SUFFIXES = (".fits", ".csv")
UNITS = {"ra": units.deg, "dec": units.deg, "scale": units.arcmin}


def write_peaks(
    path: Path, table: Table, images: Mapping[str, np.ndarray], file: MapFile, notes: Iterable[str]
) -> None:
    """Write a table of peaks: positions in ICRS.

    Parameters
    ----------
    images : by HDU name, written to FITS only. file : the maps that the peaks are of. notes : lines of HISTORY.
    """
    with replacing(path) as temporary:
        if path.suffix == ".csv":
            table.write(temporary, format="ascii.csv", overwrite=True)
            return
        for name in set(UNITS) & set(table.colnames):
            table[name].unit = UNITS[name]
        primary = fits.PrimaryHDU()
        simulated = bool(file.header.get("SIMULATD", False))
        stamp(primary.header, simulated=simulated, history=[f"map: {file.path.name}", *notes])
        hdus = fits.HDUList([primary, fits.BinTableHDU(table, name="PEAKS")])
        hdus[1].header["RADESYS"] = "ICRS"
        for name, image in images.items():
            hdus.append(fits.ImageHDU(image.astype(np.float32), file.wcs.to_header(), name=name))
        hdus.writeto(temporary, output_verify="exception", checksum=True, overwrite=True)
