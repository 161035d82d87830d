"""Where emission is allowed in an image: a mask in FITS, or regions of DS9 or CASA."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS
from astropy.wcs.utils import wcs_to_celestial_frame
from regions import PixCoord, PixelRegion, Region, SkyRegion

from lofi.io.fits_files import is_fits, strictly
from lofi.io.radio_fits import celestial
from lofi.io.regions_file import read_regions
from lofi.io.user_file import guarded

BLOCK = 2**20  # pixels whose coordinates are in memory
FARTHEST = 80.0  # degrees; regions farther from the centre of the image are not in it


@dataclass(frozen=True, eq=False)
class Mask:
    """`allowed` (H, W) bool, where there may be emission; a `note`, and `warnings`, sentences."""

    allowed: np.ndarray
    note: str
    warnings: list[str]


def read_mask(path: str | Path, shape: tuple[int, int], cell_arcsec: float, centre: tuple[float, float]) -> Mask:
    """The mask of a file on an image: `read_pixels`, other parameters as of `lofi.io.radio_fits.celestial`.

    Raises ValueError, one sentence, for a file of which `read_pixels` makes nothing, or that allows no pixel.
    """
    path = Path(path)
    allowed = read_pixels(path, shape, cell_arcsec, centre)
    if not allowed.any():
        raise ValueError(
            f"'{path}' allows emission in no pixel of the image, whose centre is {centre[0]:.5g}, {centre[1]:.5g} "
            f"degrees and whose sides are {shape[0] * cell_arcsec / 60:.3g} and {shape[1] * cell_arcsec / 60:.3g} "
            "arcmin; is the mask of another field?"
        )
    share = 100 * allowed.mean()
    note = f"mask {path.name}: emission is allowed in {np.count_nonzero(allowed)} pixels, {share:.3g} % of the image"
    useless = [f"the mask {path.name} allows emission in the whole image; it changes nothing"] if allowed.all() else []
    return Mask(allowed, note, useless)


def read_pixels(
    path: str | Path, shape: tuple[int, int], cell_arcsec: float, centre: tuple[float, float]
) -> np.ndarray:
    """Which pixels (H, W) of an image a file names; parameters as of `lofi.io.radio_fits.celestial`.

    A FITS image names those where it is not 0: in the pixel of the file that holds the centre of the image's pixel, by
    the coordinates of both; not blank pixels and what is outside. Of regions, the union of those that include, without
    those that exclude; regions in pixels are in those of the image, as DS9 and CASA number them.

    Raises ValueError, one sentence, for a file that is neither.
    """
    path = Path(path)
    wcs = celestial(shape, cell_arcsec, centre)
    if not path.exists():
        raise ValueError(f"'{path}' does not exist; a mask or region is a FITS image or a file of regions")
    if path.is_dir():
        raise ValueError(f"'{path}' is a folder; a mask is a FITS image (exportfits of CASA) or a file of regions")
    return (_image if is_fits(path) else _regions)(path, wcs, shape)


@guarded
def _image(path, wcs, shape):
    with strictly(path) as hdus:
        images = [hdu for hdu in hdus if hdu.is_image and hdu.header["NAXIS"] >= 2]
        if not images:
            raise ValueError(f"'{path}' holds no image; a mask is an image, or a file of regions")
        hdu = images[0]
        mask = WCS(hdu.header, hdus)
        if not mask.has_celestial or {mask.wcs.lng, mask.wcs.lat} != {0, 1}:
            axes = ", ".join(kind or "none" for kind in mask.wcs.ctype)
            raise ValueError(
                f"'{path}' has no coordinates on the sky in its first two axes (CTYPE is {axes}); they tell where the "
                "mask lies"
            )
        planes = int(np.prod(hdu.shape[:-2]))
        if planes != 1:
            raise ValueError(f"'{path}' has {planes} planes; a mask has one")
        data = np.asarray(hdu.data).reshape(hdu.shape[-2:])
        mask = mask.sub([1, 2])
    try:
        wcs_to_celestial_frame(mask)
    except ValueError:
        system = hdu.header.get("RADESYS", "not given")
        raise ValueError(
            f"'{path}' has coordinates {mask.wcs.ctype[0]}, {mask.wcs.ctype[1]} (RADESYS {system}); expected right "
            "ascension and declination, galactic or ecliptic ones"
        ) from None
    emission = np.isfinite(data) & (data != 0)
    if not emission.any():
        raise ValueError(f"'{path}' is 0 everywhere; it allows no emission")
    allowed, height = np.zeros(shape, bool), max(BLOCK // shape[1], 1)
    for first in range(0, shape[0], height):
        row, column = np.mgrid[first : min(first + height, shape[0]), : shape[1]]
        x, y = mask.world_to_pixel(wcs.pixel_to_world(column, row))
        inside = (x > -0.5) & (x < data.shape[1] - 0.5) & (y > -0.5) & (y < data.shape[0] - 0.5)  # false for NaN
        nearest = np.rint(y[inside]).astype(int), np.rint(x[inside]).astype(int)
        allowed[first : first + height][inside] = emission[nearest]
    return allowed


@guarded
def _regions(path, wcs, shape):
    regions = read_regions(path)
    included, excluded = np.zeros(shape, bool), np.zeros(shape, bool)
    for region, includes in regions:
        _add(included if includes else excluded, region, wcs)
    return (included if any(includes for _, includes in regions) else True) & ~excluded


def _add(mask: np.ndarray, region: Region, wcs: WCS) -> None:
    """Set the pixels of a mask whose centres lie in a region."""
    if isinstance(region, SkyRegion):
        places = getattr(region, "center", getattr(region, "vertices", None))
        if not isinstance(places, SkyCoord) or _far(places, wcs):
            return
        region = region.to_pixel(wcs)
    if not isinstance(region, PixelRegion) or not region.bounding_box.shape[0]:
        return
    box = region.bounding_box
    rows = slice(*np.clip([box.iymin, box.iymax], 0, mask.shape[0]))
    columns = slice(*np.clip([box.ixmin, box.ixmax], 0, mask.shape[1]))
    y, x = np.mgrid[rows, columns]
    if y.size:
        mask[rows, columns] |= region.contains(PixCoord(x, y))


def _far(places, wcs):
    centre = SkyCoord(*wcs.wcs.crval, unit="deg", frame="fk5")
    return bool((places.transform_to("fk5").separation(centre).deg > FARTHEST).any())
