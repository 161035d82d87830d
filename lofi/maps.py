"""Files that `lofi map` wrote, of a field or of the sphere, read again."""

from pathlib import Path
from typing import TYPE_CHECKING

from lofi.io.fits_files import is_fits
from lofi.lensing.map_file import MapFile, read_map_file
from lofi.lensing.shear_file import HEALPIX_MAP, open_shear

if TYPE_CHECKING:
    from lofi.sphere.map_file import SkyFile


def read_maps(path: str | Path) -> "MapFile | SkyFile":
    """The maps of a file: of a HEALPix table those of the sphere, else those of a field.

    Raises FileNotFoundError, or ValueError, one sentence, for a file without maps.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no map '{path}'")
    if not is_fits(Path(path)):
        raise ValueError(f"'{path}' is no FITS file; expected a file of `lofi map`")
    file = open_shear(path)
    if file.kind != HEALPIX_MAP:
        return read_map_file(file)
    from lofi.sphere.map_file import read_sky_file  # loads healpy, which the plane need not wait for

    return read_sky_file(file)
