"""Files that `lofi map` wrote, read again."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from lofi.io.fits_files import strictly
from lofi.io.user_file import guarded


@dataclass(frozen=True)
class MapFile:
    """Maps of a field of the tangent plane.

    Attributes
    ----------
    path : of the file. header : of the primary HDU, with HISTORY. images : {HDU name: float64 (H, W)}, NaN where
        masked. wcs : of all of them.
    """

    path: Path
    header: fits.Header
    images: dict[str, np.ndarray]
    wcs: WCS

    @property
    def pixel_arcmin(self) -> float:
        return float(np.sqrt(np.abs(np.linalg.det(self.wcs.pixel_scale_matrix))) * 60)

    def image(self, name: str, way_out: str) -> np.ndarray:
        """The image of an HDU; ValueError, one sentence that ends in `way_out`, where there is none."""
        if name not in self.images:
            raise ValueError(f"'{self.path}' has no image {name}; {way_out}")
        return self.images[name]


@guarded
def read_map_file(path: str | Path) -> MapFile:
    """Read all images of a FITS file that have the shape and the celestial WCS of its first.

    Raises FileNotFoundError, or ValueError, one sentence, for a file without such an image.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no map '{path}'")
    with strictly(path) as hdus, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy repairs dates aloud
        if any(hdu.header.get("PIXTYPE") == "HEALPIX" for hdu in hdus):
            raise ValueError(f"'{path}' is a HEALPix map; expected a field on a tangent plane, as of `lofi map`")
        found = [hdu for hdu in hdus if hdu.is_image and hdu.data is not None and hdu.data.ndim == 2]
        if not found:
            raise ValueError(f"'{path}' has no image; expected a file of `lofi map`")
        wcs = WCS(found[0].header)
        if not wcs.has_celestial:
            raise ValueError(f"'{path}' has no celestial WCS; expected a file of `lofi map`")
        shape = found[0].data.shape
        images = {hdu.name: np.array(hdu.data, np.float64) for hdu in found if hdu.data.shape == shape}
        return MapFile(path, hdus[0].header, images, wcs.celestial)
