"""A user's file of shear: opened once, its kind decided once."""

from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from lofi.io.fits_files import strictly
from lofi.io.user_file import guarded
from lofi.lensing.tables.choice import by_number_or_name
from lofi.lensing.tables.formats import FORMATS, reader_of

CATALOGUE, SHEAR_MAP, HEALPIX_MAP = "catalogue", "shear map", "HEALPix map"
FITS = (".fits", ".fit", ".fits.gz", ".fit.gz", ".fits.fz", ".cat", ".ldac")


@dataclass(frozen=True)
class ShearFile:
    """What was read of a file.

    Attributes
    ----------
    path : of the file.
    kind : `CATALOGUE` (a table), `SHEAR_MAP` (images of a tangent plane) or `HEALPIX_MAP`.
    hdus : of a FITS file, with their data in memory; empty for other formats, which their reader opens.
    """

    path: Path
    kind: str
    hdus: tuple = ()

    @property
    def simulated(self) -> bool:
        """Whether the file says that the sky is simulated (card SIMULATD)."""
        return any(hdu.header.get("SIMULATD", False) for hdu in self.hdus)

    def chosen(self, hdu: str | None = None) -> list[tuple[int, fits.hdu.base.ExtensionHDU]]:
        """HDUs with their numbers: all, or those that `hdu` lists by number or name; ValueError for unknown ones."""
        numbered = list(enumerate(self.hdus))
        if hdu is None:
            return numbered
        places = by_number_or_name(self.path, "HDU", hdu, [(str(number), other.name) for number, other in numbered])
        return [numbered[place] for place in places]


@guarded
def open_shear(path: str | Path) -> ShearFile:
    """Open a file of shear and decide its kind: by its name, or by the HDUs of a FITS file.

    Raises FileNotFoundError for a missing file, ValueError for another format and for a damaged or truncated file.
    """
    path = Path(path)
    name = path.name.lower()
    if not path.is_file():
        raise FileNotFoundError(f"there is no catalogue or shear map '{path}'")
    if reader_of(path) is not None:
        return ShearFile(path, CATALOGUE)
    try:
        with strictly(path) as hdus:
            for hdu in hdus:
                hdu.data  # noqa: B018  read while the file is open
            return ShearFile(path, _kind(hdus), tuple(hdus))
    except OSError as error:
        if name.endswith(FITS):
            raise
        known = ", ".join((*FITS, *FORMATS))
        raise ValueError(f"'{path}' is in none of the known formats; expected a name ending in {known}") from error


def _kind(hdus):
    if any(hdu.header.get("PIXTYPE") == "HEALPIX" for hdu in hdus):
        return HEALPIX_MAP
    return CATALOGUE if any(is_table(hdu) for hdu in hdus) else SHEAR_MAP


def is_table(hdu: fits.hdu.base.ExtensionHDU) -> bool:
    """Whether an HDU is a table; a compressed image, stored as one, is not."""
    return isinstance(hdu, fits.BinTableHDU | fits.TableHDU) and not isinstance(hdu, fits.CompImageHDU)
