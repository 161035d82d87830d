"""Footprints: which part of the sky a survey covers, by HEALPix or healsparse masks, MOC, or regions of DS9 or CASA."""

from pathlib import Path
from typing import Protocol

import healpy as hp
import numpy as np
from astropy import units
from astropy.coordinates import BarycentricMeanEcliptic, Galactic, SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from regions import CircleSkyRegion, PixCoord, SkyRegion

from lofi.io.fits_files import is_fits
from lofi.io.healpix import MASKED
from lofi.io.healsparse_map import library
from lofi.io.regions_file import read_regions
from lofi.io.user_file import guarded

FRAMES = {
    "G": Galactic(),
    "GALACTIC": Galactic(),
    "E": BarycentricMeanEcliptic(),
    "ECLIPTIC": BarycentricMeanEcliptic(),
}
EQUATORIAL = ("C", "CELESTIAL", "EQUATORIAL", "ICRS", "FK5", "J2000")
FARTHEST = 80.0  # degrees from a region's middle; what is farther is not in it


class Footprint(Protocol):
    """A part of the sky."""

    path: Path

    def contains(self, ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
        """Bool (n,): positions, degrees, ICRS, that it covers."""

    def pixels(self, nside: int) -> np.ndarray:
        """Bool (12 nside²,), RING, equatorial: the pixels that it covers; ValueError where it covers some in part."""


@guarded
def read_footprint(path: Path) -> Footprint:
    """The footprint of a file, whose kind its contents tell; ValueError, one sentence, for other files."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no mask '{path}'")
    if not is_fits(path):
        return RegionsFootprint(path)
    with fits.open(path) as hdus:
        headers = [hdu.header for hdu in hdus]
    kinds = {str(header.get("PIXTYPE", "")).strip().upper() for header in headers}
    orderings = {str(header.get("ORDERING", "")).strip().upper() for header in headers}
    if "HEALSPARSE" in kinds:
        return SparseFootprint(path)
    if orderings & {"NUNIQ", "RANGE"} or any("MOCVERS" in header for header in headers):
        return MocFootprint(path)
    if "HEALPIX" in kinds:
        return HealpixFootprint(
            path, next(header for header in headers if header.get("PIXTYPE", "").strip() == "HEALPIX")
        )
    raise ValueError(
        f"'{path}' is no mask; expected HEALPix, healsparse or MOC in FITS, or regions of DS9 or CASA (CRTF)"
    )


class _Pixels:
    """A mask in pixels of one Nside: what they cover of the larger or smaller pixels of a map."""

    path: Path
    nside: int

    def pixels(self, nside: int) -> np.ndarray:
        """As of `Footprint`."""
        if self.nside <= nside:
            return self.contains(*hp.pix2ang(nside, np.arange(12 * nside**2), lonlat=True))
        parts = (self.nside // nside) ** 2
        whole = np.zeros(12 * nside**2, bool)
        for first in range(0, len(whole), 4096):  # in NESTED order, the parts of a pixel follow each other
            cells = np.arange(first * parts, min(first + 4096, len(whole)) * parts)
            inside = self.contains(*hp.pix2ang(self.nside, cells, nest=True, lonlat=True)).reshape(-1, parts)
            whole[first : first + 4096] = _wholly(self.path, nside, inside.all(axis=1), inside.any(axis=1))
        return hp.reorder(whole, n2r=True)


def _wholly(path, nside, inside, touched):
    if (inside != touched).any():
        raise ValueError(
            f"the mask '{path}' covers pixels of Nside {nside} in part; mask the catalogue with it, or give it at "
            f"Nside {nside} or less"
        )
    return inside


class HealpixFootprint(_Pixels):
    """A HEALPix map that is not 0, UNSEEN or NaN where it covers the sky, equatorial, galactic or ecliptic."""

    def __init__(self, path: Path, header: fits.Header) -> None:
        self.path, self.nside = path, header["NSIDE"]
        system = str(header.get("COORDSYS", "C")).strip().upper()
        if system not in (*FRAMES, *EQUATORIAL):
            raise ValueError(f"'{path}' has COORDSYS {system}; expected C, G or E")
        self._frame = FRAMES.get(system)
        values = hp.read_map(path, field=0, dtype=np.float64)
        self._inside = np.isfinite(values) & (values > MASKED) & (values != 0)

    def contains(self, ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
        """As of `Footprint`."""
        if self._frame is not None:
            place = SkyCoord(ra, dec, unit="deg").transform_to(self._frame)
            ra, dec = place.spherical.lon.deg, place.spherical.lat.deg
        return self._inside[hp.ang2pix(self.nside, ra, dec, lonlat=True)]

    def pixels(self, nside: int) -> np.ndarray:
        """As of `Footprint`; ValueError where the mask is not equatorial: its pixels cut those of the map."""
        if self._frame is not None:
            raise ValueError(
                f"the mask '{self.path}' is {self._frame.name}, the map equatorial: its pixels would be cut; mask the "
                "catalogue with it, or give it in equatorial coordinates"
            )
        return super().pixels(nside)


class SparseFootprint(_Pixels):
    """A healsparse map that is valid and not 0 where it covers the sky."""

    def __init__(self, path: Path) -> None:
        self.path, self._map = path, library(path).HealSparseMap.read(str(path))
        self.nside = self._map.nside_sparse

    def contains(self, ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
        """As of `Footprint`."""
        inside = self._map.get_values_pos(ra, dec, valid_mask=True)
        if self._map.is_rec_array:
            return inside
        values = self._map.get_values_pos(ra, dec)
        return inside & (values != 0 if values.ndim == 1 else (values != 0).any(axis=1))


class MocFootprint(_Pixels):
    """A multi-order coverage map (IVOA MOC 2.0)."""

    def __init__(self, path: Path) -> None:
        try:
            import mocpy
        except ImportError as error:
            raise ValueError(f"'{path}': MOC files need mocpy; install it with: pip install mocpy") from error
        self.path, self._moc = path, mocpy.MOC.load(str(path))
        self.nside = 1 << self._moc.max_order

    def contains(self, ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
        """As of `Footprint`."""
        return self._moc.contains_lonlat(ra * units.deg, dec * units.deg)

    def pixels(self, nside: int) -> np.ndarray:
        """As of `Footprint`."""
        if self.nside <= nside:
            return super().pixels(nside)
        touched = np.zeros((2, 12 * nside**2), bool)  # by the footprint, and by what is outside
        for cells, moc in zip(touched, (self._moc, self._moc.complement()), strict=True):
            cells[moc.degrade_to_order(nside.bit_length() - 1).flatten()] = True
        return hp.reorder(_wholly(self.path, nside, ~touched[1], touched[0]), n2r=True)


class RegionsFootprint:
    """Regions on the sky: the union of those that include, without those that exclude."""

    def __init__(self, path: Path) -> None:
        self.path, self._regions = path, read_regions(path)
        for region, _ in self._regions:
            if not isinstance(region, SkyRegion) or not (hasattr(region, "center") or hasattr(region, "vertices")):
                kind = type(region).__name__
                raise ValueError(f"'{path}' holds a {kind}; expected circles, ellipses, boxes and polygons on the sky")

    def contains(self, ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
        """As of `Footprint`."""
        places = SkyCoord(ra, dec, unit="deg")
        inside = np.full(len(places), not any(includes for _, includes in self._regions))
        for wanted in (True, False):
            for region, includes in self._regions:
                if includes == wanted:
                    inside[_within(region, places)] = wanted
        return inside

    def pixels(self, nside: int) -> np.ndarray:
        """As of `Footprint`, by the centres of the pixels."""
        return self.contains(*hp.pix2ang(nside, np.arange(12 * nside**2), lonlat=True))


def _within(region, places):
    """Numbers of the positions in a region, by its tangent plane, in which polygons have sides of great circles."""
    middle = (
        region.center
        if hasattr(region, "center")
        else SkyCoord(region.vertices.cartesian.mean(), frame=region.vertices.frame)
    )
    middle = SkyCoord(middle.icrs.spherical.lon, middle.icrs.spherical.lat)
    distance = middle.separation(places)
    if isinstance(region, CircleSkyRegion):
        return np.flatnonzero(distance <= region.radius)
    near = np.flatnonzero(distance.deg < FARTHEST)
    plane = WCS(naxis=2)
    plane.wcs.ctype, plane.wcs.cdelt = ["RA---TAN", "DEC--TAN"], [-1 / 3600, 1 / 3600]
    plane.wcs.crval, plane.wcs.radesys = [middle.ra.deg, middle.dec.deg], "ICRS"
    x, y = plane.world_to_pixel(places[near])
    return near[region.to_pixel(plane).contains(PixCoord(x, y))] if len(near) else near
