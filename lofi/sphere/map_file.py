"""Files that `lofi map` wrote of the sphere, read again."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.io import fits

from lofi.io.user_file import guarded
from lofi.lensing.peak_tables import SkyPeaks
from lofi.lensing.shear_file import ShearFile
from lofi.lensing.tangent_plane import unit_vectors
from lofi.sphere.harmonics import check_nside
from lofi.sphere.healpix_table import read_table
from lofi.sphere.peaks import find_peaks
from lofi.sphere.shear_map import ORDERINGS, SHEAR_COLUMNS, check_coordinates, ring_pixels
from lofi.sphere.stacking import SphereImage


@dataclass(frozen=True)
class SkyFile:
    """Maps of the sphere, equatorial.

    Attributes
    ----------
    file : that was read. header : of its HEALPix table, with HISTORY. nside : of the maps.
    pixel : (n,) RING numbers of the rows. columns : {name: float64 (n,)}, NaN where masked.
    """

    file: ShearFile
    header: fits.Header
    nside: int
    pixel: np.ndarray
    columns: dict[str, np.ndarray]

    @property
    def path(self) -> Path:
        return self.file.path

    @property
    def images(self) -> dict[str, np.ndarray]:
        """The maps by name, rows only."""
        return self.columns

    def image(self, name: str, way_out: str) -> np.ndarray:
        """A map (12 nside²,), RING, NaN where masked; ValueError, one sentence that ends in `way_out`, without it."""
        if name not in self.columns:
            raise ValueError(f"'{self.path}' has no map {name}; {way_out}")
        whole = np.full(12 * self.nside**2, np.nan)
        whole[self.pixel] = self.columns[name]
        return whole

    def peaks(self, image: np.ndarray, snr: np.ndarray, least: float) -> SkyPeaks:
        """Peaks of a map (12 nside²,), as of `lofi.sphere.peaks.find_peaks`."""
        return find_peaks(image, snr, least)

    def places(self, sky: SkyCoord) -> np.ndarray:
        """Positions (n,) on the sky as places (n, 3) of `SphereImage`."""
        return unit_vectors(sky.ra.deg, sky.dec.deg)

    def surface(self, image: np.ndarray) -> SphereImage:
        """A map (12 nside²,) as one that can be stacked."""
        return SphereImage(image)


@guarded
def read_sky_file(file: ShearFile) -> SkyFile:
    """Read the HEALPix table, or the healsparse map, of a file that `lofi map` wrote.

    Raises ValueError, one sentence, for one that is not equatorial or does not say the order of its pixels.
    """
    header, columns, _ = read_table(file, SHEAR_COLUMNS)
    nside = header.get("NSIDE", 0)
    nside = check_nside(nside if isinstance(nside, int) else 0, f"'{file.path}': NSIDE")
    order = str(header.get("ORDERING", "")).strip().upper()
    if order not in ORDERINGS:
        raise ValueError(f"'{file.path}' has ORDERING {order or 'missing'}; expected {' or '.join(ORDERINGS)}")
    check_coordinates(file.path, header)
    pixel = ring_pixels(file.path, header, columns, nside, order)
    columns.pop("PIXEL", None)
    return SkyFile(file, header, nside, pixel, columns)
