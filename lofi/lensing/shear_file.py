"""A user's file of shear: opened once, its kind decided once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from astropy.io import fits

from lofi.io.fits_files import strictly
from lofi.io.user_file import guarded
from lofi.lensing.tables.choice import by_number_or_name
from lofi.lensing.tables.formats import FORMATS, reader_of

CATALOGUE, SHEAR_MAP, HEALPIX_MAP = "catalogue", "shear map", "HEALPix map"
HEALSPARSE = "HEALSPARSE"  # PIXTYPE of healsparse files, which are FITS
FITS = (".fits", ".fit", ".fits.gz", ".fit.gz", ".fits.fz", ".cat", ".ldac", ".hsp", ".hs")


@dataclass(frozen=True)
class ShearFile:
    """What was read of a file, or of several that are one catalogue.

    Attributes
    ----------
    path : of the file, the first of several.
    kind : `CATALOGUE` (a table), `SHEAR_MAP` (images of a tangent plane) or `HEALPIX_MAP`.
    hdus : of a FITS file, with the data of maps in memory; empty for other formats, which their reader opens.
    more : the other files of a catalogue.
    """

    path: Path
    kind: str
    hdus: tuple = ()
    more: "tuple[ShearFile, ...]" = ()

    @property
    def files(self) -> "tuple[ShearFile, ...]":
        """The files of a catalogue, one below the other."""
        return (self, *self.more)

    @property
    def label(self) -> str:
        """Name of the file, for headers."""
        return self.path.name + (f" and {len(self.more)} more" if self.more else "")

    @property
    def simulated(self) -> bool:
        """Whether the file says that the sky is simulated (card SIMULATD)."""
        return any(hdu.header.get("SIMULATD", False) for part in self.files for hdu in part.hdus)

    def chosen(self, hdu: str | None = None) -> list[tuple[int, fits.hdu.base.ExtensionHDU]]:
        """HDUs with their numbers: all, or those that `hdu` lists by number or name; ValueError for unknown ones."""
        numbered = list(enumerate(self.hdus))
        if hdu is None:
            return numbered
        places = by_number_or_name(self.path, "HDU", hdu, [(str(number), other.name) for number, other in numbered])
        return [numbered[place] for place in places]


def listed(paths: str | Path | Sequence[str | Path]) -> list[Path]:
    """One path or several as a list."""
    return [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]


def open_shear(paths: str | Path | Sequence[str | Path]) -> ShearFile:
    """Open a file of shear, or the files of one catalogue, and decide its kind.

    Raises FileNotFoundError for a missing file, ValueError for another format, for a damaged or truncated file, and for
    several files that are no catalogues.
    """
    first, *more = map(_open, listed(paths))
    other = next((file for file in (first, *more) if file.kind != CATALOGUE), None)
    if more and other is not None:
        raise ValueError(f"'{other.path}' is a {other.kind}; only catalogues can be given as several files")
    same = {file.path.resolve() for file in (first, *more)}
    if len(same) < 1 + len(more):
        raise ValueError(f"'{first.path}' and others: a file is given twice; its galaxies would count twice")
    return replace(first, more=tuple(more))


@guarded
def _open(path):
    """By its name, or by the HDUs of a FITS file; tables of galaxies are left where they are."""
    name = path.name.lower()
    if not path.is_file():
        raise FileNotFoundError(f"there is no catalogue or shear map '{path}'")
    if reader_of(path) is not None:
        return ShearFile(path, CATALOGUE)
    try:
        with strictly(path) as hdus:
            kind = _kind(hdus)
            for hdu in hdus:
                if kind == CATALOGUE and is_table(hdu):
                    hdu.columns  # noqa: B018  read while the file is open
                else:
                    hdu.data  # noqa: B018
            return ShearFile(path, kind, tuple(hdus))
    except OSError as error:
        if name.endswith(FITS):
            raise
        known = ", ".join((*FITS, *FORMATS))
        raise ValueError(f"'{path}' is in none of the known formats; expected a name ending in {known}") from error


def _kind(hdus):
    if any(hdu.header.get("PIXTYPE") in ("HEALPIX", HEALSPARSE) for hdu in hdus):
        return HEALPIX_MAP
    return CATALOGUE if any(is_table(hdu) for hdu in hdus) else SHEAR_MAP


def is_table(hdu: fits.hdu.base.ExtensionHDU) -> bool:
    """Whether an HDU is a table; a compressed image, stored as one, is not."""
    return isinstance(hdu, fits.BinTableHDU | fits.TableHDU) and not isinstance(hdu, fits.CompImageHDU)
