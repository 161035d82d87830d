"""A user's file of shear: opened once, its kind decided once."""

from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from lofi.io.fits_files import strictly
from lofi.io.user_file import guarded

CATALOGUE, SHEAR_MAP, HEALPIX_MAP = "catalogue", "shear map", "HEALPix map"
TEXT_AND_ARRAYS = (".csv", ".csv.gz", ".npz")
FITS = (".fits", ".fit", ".fits.gz", ".fits.fz")


@dataclass(frozen=True)
class ShearFile:
    """What was read of a file.

    Attributes
    ----------
    path : of the file.
    kind : `CATALOGUE` (a table), `SHEAR_MAP` (images of a tangent plane) or `HEALPIX_MAP`.
    hdus : of a FITS file, with their data in memory; empty for CSV and npz, which their reader opens.
    """

    path: Path
    kind: str
    hdus: tuple = ()

    @property
    def simulated(self) -> bool:
        """Whether the file says that the sky is simulated (card SIMULATD)."""
        return any(hdu.header.get("SIMULATD", False) for hdu in self.hdus)


@guarded
def open_shear(path: str | Path) -> ShearFile:
    """Open a file of shear and decide its kind: by its name for CSV and npz, else by the HDUs of a FITS file.

    Raises FileNotFoundError for a missing file, ValueError for another format and for a damaged or truncated file.
    """
    path = Path(path)
    name = path.name.lower()
    if not path.is_file():
        raise FileNotFoundError(f"there is no catalogue or shear map '{path}'")
    if name.endswith(TEXT_AND_ARRAYS):
        return ShearFile(path, CATALOGUE)
    try:
        with strictly(path) as hdus:
            for hdu in hdus:
                hdu.data  # noqa: B018  read while the file is open
            return ShearFile(path, _kind(hdus), tuple(hdus))
    except OSError as error:
        if name.endswith(FITS):
            raise
        known = ", ".join((*FITS, *TEXT_AND_ARRAYS))
        raise ValueError(f"'{path}' is in none of the known formats; expected a name ending in {known}") from error


def _kind(hdus):
    if any(hdu.header.get("PIXTYPE") == "HEALPIX" for hdu in hdus):
        return HEALPIX_MAP
    return CATALOGUE if any(is_table(hdu) for hdu in hdus) else SHEAR_MAP


def is_table(hdu: fits.hdu.base.ExtensionHDU) -> bool:
    """Whether an HDU is a table; a compressed image, stored as one, is not."""
    return isinstance(hdu, fits.BinTableHDU | fits.TableHDU) and not isinstance(hdu, fits.CompImageHDU)
