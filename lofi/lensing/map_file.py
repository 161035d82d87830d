"""Files that `lofi map` wrote of a field, read again."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from lofi.io.user_file import guarded
from lofi.lensing.peak_tables import SkyPeaks
from lofi.lensing.peaks import find_peaks
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.stacking import PlaneImage


@dataclass(frozen=True)
class MapFile:
    """Maps of a field of the tangent plane.

    Attributes
    ----------
    file : that was read. header : of the primary HDU, with HISTORY. images : {HDU name: float64 (H, W)}, NaN where
        masked. wcs : of all of them.
    """

    file: ShearFile
    header: fits.Header
    images: dict[str, np.ndarray]
    wcs: WCS

    @property
    def path(self) -> Path:
        return self.file.path

    @property
    def pixel_arcmin(self) -> float:
        return float(np.sqrt(np.abs(np.linalg.det(self.wcs.pixel_scale_matrix))) * 60)

    def image(self, name: str, way_out: str) -> np.ndarray:
        """The image of an HDU; ValueError, one sentence that ends in `way_out`, where there is none."""
        if name not in self.images:
            raise ValueError(f"'{self.path}' has no image {name}; {way_out}")
        return self.images[name]

    def peaks(self, image: np.ndarray, snr: np.ndarray, least: float) -> SkyPeaks:
        """Peaks of an image (H, W), as of `lofi.lensing.peaks.find_peaks`, with their positions on the sky."""
        peaks = find_peaks(image, snr, least)
        position = self.wcs.pixel_to_world(peaks.x, peaks.y).icrs
        pixel = np.ravel_multi_index((peaks.row, peaks.column), image.shape)
        return SkyPeaks(pixel, position.ra.deg, position.dec.deg, peaks.snr, peaks.width * self.pixel_arcmin)

    def places(self, sky: SkyCoord) -> np.ndarray:
        """Positions (n,) on the sky as places (n, 2) of `PlaneImage`."""
        x, y = (np.nan_to_num(np.atleast_1d(part), nan=-9.0) for part in self.wcs.world_to_pixel(sky))
        return np.stack([y, x], axis=1)

    def surface(self, image: np.ndarray) -> PlaneImage:
        """An image (H, W) as a map that can be stacked."""
        return PlaneImage(image, self.pixel_arcmin)


@guarded
def read_map_file(file: ShearFile) -> MapFile:
    """All images of a FITS file that have the shape and the celestial WCS of its first.

    Raises ValueError, one sentence, for a file without such an image.
    """
    found = [hdu for hdu in file.hdus if hdu.is_image and hdu.data is not None and hdu.data.ndim == 2]
    if not found:
        raise ValueError(f"'{file.path}' has no image; expected a file of `lofi map`")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy repairs dates aloud
        wcs = WCS(found[0].header)
    if not wcs.has_celestial:
        raise ValueError(f"'{file.path}' has no celestial WCS; expected a file of `lofi map`")
    shape = found[0].data.shape
    images = {hdu.name: np.array(hdu.data, np.float64) for hdu in found if hdu.data.shape == shape}
    return MapFile(file, file.hdus[0].header, images, wcs.celestial)
