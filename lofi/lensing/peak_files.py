"""Tables of peaks on disk: FITS, with the maps of aperture mass beside them, or CSV."""

from collections.abc import Iterable
from pathlib import Path

from astropy import units
from astropy.io import fits
from astropy.table import Table

from lofi.io.atomic import replacing
from lofi.io.fits import stamp

SUFFIXES = (".fits", ".csv")
UNITS = {"ra": units.deg, "dec": units.deg, "scale": units.arcmin}


def write_peaks(
    path: Path, table: Table, images: Iterable[fits.ImageHDU], *, simulated: bool, history: Iterable[str]
) -> None:
    """Write a table of peaks: positions in ICRS.

    Parameters
    ----------
    images : written to FITS only. simulated, history : as of `lofi.io.fits.stamp`.
    """
    with replacing(path) as temporary:
        if path.suffix == ".csv":
            table.write(temporary, format="ascii.csv", overwrite=True)
            return
        for name in set(UNITS) & set(table.colnames):
            table[name].unit = UNITS[name]
        primary = fits.PrimaryHDU()
        stamp(primary.header, simulated=simulated, history=history)
        hdus = fits.HDUList([primary, fits.BinTableHDU(table, name="PEAKS"), *images])
        hdus[1].header["RADESYS"] = "ICRS"
        hdus.writeto(temporary, output_verify="exception", checksum=True, overwrite=True)
