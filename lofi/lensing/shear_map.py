"""Shear binned into the pixels of a tangent plane, with its noise and its mask."""

from dataclasses import dataclass, replace

import numpy as np
from astropy.wcs import WCS

from lofi.lensing.catalogue import ShearCatalogue
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


def ellipticity_dispersion(e1: np.ndarray, e2: np.ndarray, weight: np.ndarray) -> float:
    """Dispersion per component, `sigma_e² = Σ w² |e|² / (2 Σ w²)`.

    It goes with `n_eff = (Σ w)² / (area Σ w²)` (Heymans et al. 2012): `sigma_e² Σ w² / (Σ w)²` is then the variance of
    a weighted mean also where weight and ellipticity are related.
    """
    # ASSUME: the shear's own variance, about 1e-4 against 0.1, is counted as noise.
    squared = np.square(weight)
    return float(np.sqrt(np.sum(squared * (np.square(e1) + np.square(e2))) / (2.0 * np.sum(squared))))


def bin_shear(catalogue: ShearCatalogue, wcs: WCS, shape: tuple[int, int]) -> BinnedShear:
    """Weighted mean shear of the galaxies in each pixel.

    Parameters
    ----------
    wcs, shape : plane and (H, W), as `lofi.lensing.tangent_plane.field_wcs` gives them.

    Returns
    -------
    BinnedShear, its ellipticities rotated from each galaxy's meridian to the y axis. A pixel's noise is
    `sigma_e² Σ w² / (Σ w)²`, with sigma_e of the galaxies in the field.
    """
    height, width = shape
    near = np.flatnonzero(near_field(wcs, catalogue.ra, catalogue.dec))
    ra, dec = catalogue.ra[near], catalogue.dec[near]
    x, y = wcs.all_world2pix(ra, dec, 0) if len(near) else (np.empty(0), np.empty(0))
    column, row = np.floor(x + 0.5).astype(int), np.floor(y + 0.5).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    if not inside.any():
        (west, south), (east, north) = wcs.all_pix2world([[width - 0.5, -0.5], [-0.5, height - 0.5]], 0)
        raise ValueError(
            f"no galaxy of '{catalogue.source}' lies in the field: the catalogue covers ra {catalogue.ra.min():.4f} to "
            f"{catalogue.ra.max():.4f}, dec {catalogue.dec.min():.4f} to {catalogue.dec.max():.4f}, the field ra "
            f"{west:.4f} to {east:.4f}, dec {south:.4f} to {north:.4f}"
        )
    chosen, pixel = near[inside], row[inside] * width + column[inside]
    weight = catalogue.weight[chosen]
    ellipticity = catalogue.e1[chosen] + 1j * catalogue.e2[chosen]
    ellipticity *= np.exp(2j * meridian_angle(wcs, ra[inside], dec[inside]))

    def total(values):
        return np.bincount(pixel, values, minlength=height * width).reshape(height, width)

    count, weights = total(np.ones(len(pixel))), total(weight)
    mask = count > 0
    sigma_e = ellipticity_dispersion(ellipticity.real, ellipticity.imag, weight)
    if not sigma_e > 0:
        raise ValueError(f"all {len(weight)} ellipticities of '{catalogue.source}' in the field are zero")
    with np.errstate(invalid="ignore", divide="ignore"):
        gamma = (total(weight * ellipticity.real) + 1j * total(weight * ellipticity.imag)) / weights
        noise_std = sigma_e * np.sqrt(total(weight**2)) / weights
    return BinnedShear(
        gamma=np.where(mask, gamma, 0.0),
        noise_std=np.where(mask, noise_std, np.inf),
        mask=mask,
        count=count,
        weight_sum=weights,
        pixel_arcmin=float(wcs.wcs.cd[1, 1] * 60.0),
        wcs=wcs,
        sigma_e=sigma_e,
        notes=catalogue.notes,
    )


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
