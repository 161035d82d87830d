"""Shear binned into the pixels of a tangent plane, with its noise and its mask."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from astropy.wcs import WCS

from lofi.lensing.catalogue import Galaxies
from lofi.lensing.galaxy_sums import GalaxySums, joined
from lofi.lensing.tangent_plane import meridian_angle, near_field


@dataclass(frozen=True)
class BinnedShear:
    """A shear map (docs/conventions.md): x towards West, y towards North.

    Attributes
    ----------
    gamma : complex array (H, W), 0 where masked.
    noise_std : array (H, W), standard deviation per component; inf where masked.
    mask : bool array (H, W), True where there are data.
    count : array (H, W), galaxies per pixel; None if unknown.
    weight_sum : array (H, W), sum of the galaxies' weights; None if unknown.
    pixel_arcmin : side of a pixel.
    wcs : astropy WCS of the map.
    sigma_e : ellipticity dispersion per component; NaN if unknown.
    notes : sentences on what was read and how it was converted.
    """

    gamma: np.ndarray
    noise_std: np.ndarray
    mask: np.ndarray
    count: np.ndarray | None
    weight_sum: np.ndarray | None
    pixel_arcmin: float
    wcs: WCS
    sigma_e: float = float("nan")
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        return self.gamma.shape


def bin_shear(catalogue: Galaxies, wcs: WCS, shape: tuple[int, int]) -> BinnedShear:
    """Weighted mean shear of the galaxies in each pixel.

    Parameters
    ----------
    wcs, shape : plane and (H, W), as `lofi.lensing.tangent_plane.field_wcs` gives them.

    Returns
    -------
    BinnedShear, its ellipticities rotated from each galaxy's meridian to the y axis; the same, to rounding, whatever
    the pieces of the catalogue. A pixel's noise is `sigma_e² Σ w² / (Σ w)²`, with sigma_e of the galaxies in the field.
    """
    return shear_of(catalogue, (field_sums(part, wcs, shape) for part in catalogue.parts()), wcs, shape)


def field_sums(catalogue: Galaxies, wcs: WCS, shape: tuple[int, int]) -> GalaxySums:
    """Sums over the galaxies of a catalogue, or of one of its files, in the pixels of a field."""
    sums = GalaxySums(shape[0] * shape[1])
    for piece in catalogue.pieces("binning"):
        sums.read(piece)
        pixel, weight, ellipticity = _in_field(piece, wcs, shape)
        sums.add(pixel, weight, ellipticity)
        sums.of_pixels.add(pixel, count=1.0)
    return sums


def shear_of(catalogue: Galaxies, parts: Iterable[GalaxySums], wcs: WCS, shape: tuple[int, int]) -> BinnedShear:
    """The binned shear of a catalogue from the sums of its parts, of each file in order, as `bin_shear` gives it."""
    sums = joined(parts)
    notes = catalogue.judge(sums.galaxies, sums.outside)
    count, weights = (sums.of_pixels[name].reshape(shape) for name in ("count", "weight"))
    mask = count > 0
    if not mask.any():
        (west, south), (east, north) = wcs.all_pix2world([[shape[1] - 0.5, -0.5], [-0.5, shape[0] - 0.5]], 0)
        (ra, last_ra), (dec, last_dec) = sums.extent
        raise ValueError(
            f"no galaxy of '{catalogue.source}' lies in the field: the catalogue covers ra {ra:.4f} to "
            f"{last_ra:.4f}, dec {dec:.4f} to {last_dec:.4f}, the field ra {west:.4f} to {east:.4f}, "
            f"dec {south:.4f} to {north:.4f}"
        )
    gamma, noise_std = (values.reshape(shape) for values in sums.shear(f"'{catalogue.source}' in the field"))
    return BinnedShear(
        gamma=gamma,
        noise_std=noise_std,
        mask=mask,
        count=count,
        weight_sum=weights,
        pixel_arcmin=float(wcs.wcs.cd[1, 1] * 60.0),
        wcs=wcs,
        sigma_e=sums.sigma_e,
        notes=notes,
    )


def _in_field(piece, wcs, shape):
    """Pixel, weight and ellipticity, against the axes of the plane, of the galaxies that lie in a field."""
    height, width = shape
    near = np.flatnonzero(near_field(wcs, piece.ra, piece.dec))
    ra, dec = piece.ra[near], piece.dec[near]
    x, y = wcs.all_world2pix(ra, dec, 0) if len(near) else (np.empty(0), np.empty(0))
    column, row = np.floor(x + 0.5).astype(int), np.floor(y + 0.5).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    chosen, pixel = near[inside], row[inside] * width + column[inside]
    ellipticity = piece.e1[chosen] + 1j * piece.e2[chosen]
    if len(chosen):
        ellipticity *= np.exp(2j * meridian_angle(wcs, ra[inside], dec[inside]))
    return pixel, piece.weight[chosen], ellipticity


def rebin(binned: BinnedShear, factor: int) -> BinnedShear:
    """The map with pixels `factor` times larger: means weighted by inverse variance, masked pixels counting nothing.

    A size that is no multiple of `factor` is filled up with masked pixels at the end of the axis.
    """
    if factor != int(factor) or factor < 1:
        raise ValueError(f"a shear map is rebinned by a whole number ≥ 1; factor is {factor}")
    factor = int(factor)
    margins = [(0, -size % factor) for size in binned.shape]

    def total(values):
        padded = np.pad(values, margins)
        height, width = padded.shape
        return padded.reshape(height // factor, factor, width // factor, factor).sum(axis=(1, 3))

    inverse_variance = np.where(binned.mask, binned.noise_std, np.inf) ** -2.0
    precision = total(inverse_variance)
    mask = precision > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        gamma = total(inverse_variance * binned.gamma) / precision
        noise_std = precision**-0.5
    wcs = binned.wcs.deepcopy()
    wcs.wcs.crpix = (binned.wcs.wcs.crpix - 0.5) / factor + 0.5
    wcs.wcs.cd = binned.wcs.wcs.cd * factor
    wcs.array_shape = mask.shape
    wcs.wcs.set()
    return replace(
        binned,
        gamma=np.where(mask, gamma, 0.0),
        noise_std=np.where(mask, noise_std, np.inf),
        mask=mask,
        count=None if binned.count is None else total(binned.count),
        weight_sum=None if binned.weight_sum is None else total(binned.weight_sum),
        pixel_arcmin=binned.pixel_arcmin * factor,
        wcs=wcs,
    )
