"""Gravity makes E modes only: a test of signs and axes on real shear."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from lofi.lensing.kaiser_squires import kaiser_squires
from lofi.lensing.shear_map import BinnedShear


@dataclass(frozen=True)
class EBCheck:
    """Variances of the smoothed Kaiser–Squires map inside the mask.

    Attributes
    ----------
    ratio : var(E) / var(B) of the shear as given; 1 for pure noise, above 1 for a signal in the right frame.
    ratio_flipped : the same with the sign of e2 reversed.
    scatter : standard deviation of either ratio for pure noise, from the number of independent smoothing areas.
    skewness : of the E map; mass is concentrated, so a clearly negative value hints that both e1 and e2 have the wrong
        sign, which the ratios cannot see.
    """

    ratio: float
    ratio_flipped: float
    scatter: float
    skewness: float

    @property
    def suspicious(self) -> bool:
        """Whether the reversed sign of e2 makes a clearly purer E map (by twice the scatter)."""
        return self.ratio_flipped - self.ratio > 2.0 * self.scatter

    def notes(self, smoothing: str) -> list[str]:
        """Sentences on what was found; `smoothing` says how the maps were smoothed."""
        ratios = f"{self.ratio:.2f}; with e2 flipped {self.ratio_flipped:.2f}; pure noise 1 +- {self.scatter:.2f}"
        found = [f"var(E)/var(B) smoothed by {smoothing}: {ratios}"]
        if self.suspicious:
            found.append("the sign of e2 looks wrong: flipping it gives a purer E mode")
        elif self.ratio > 1 + 2 * self.scatter and self.skewness < -0.1:
            found.append("the map is skewed to negative values: the signs of e1 and e2 may both be wrong")
        return found


def smoothed_modes(gamma: np.ndarray, mask: np.ndarray, sigma_pixels: float) -> tuple[np.ndarray, np.ndarray]:
    """E and B maps (H, W) of a shear map after zero padding by half its size and Gaussian smoothing."""
    kappa = kaiser_squires(np.where(mask, gamma, 0.0), padding=max(gamma.shape) // 2)
    smooth = [gaussian_filter(part, sigma_pixels, mode="constant") for part in (kappa.real, kappa.imag)]
    return smooth[0], smooth[1]


def eb_check(binned: BinnedShear, smoothing_arcmin: float = 2.0) -> EBCheck:
    """Compare E and B modes of a shear map for the given and for the reversed sign of e2.

    Parameters
    ----------
    smoothing_arcmin : standard deviation of the Gaussian, > 0.
    """
    if not (np.isfinite(smoothing_arcmin) and smoothing_arcmin > 0):
        raise ValueError(f"smoothing_arcmin is {smoothing_arcmin}; expected a number > 0")
    sigma = smoothing_arcmin / binned.pixel_arcmin
    modes = [smoothed_modes(gamma, binned.mask, sigma) for gamma in (binned.gamma, binned.gamma.conj())]
    modes = [(e_mode[binned.mask], b_mode[binned.mask]) for e_mode, b_mode in modes]
    ratios = [float(e_mode.var() / b_mode.var()) if b_mode.var() > 0 else float("inf") for e_mode, b_mode in modes]
    # Smoothed white noise has an area of correlation 2π sigma²; each variance then scatters by sqrt(2 / areas).
    areas = max(binned.mask.sum() / (2.0 * np.pi * max(sigma, 0.4) ** 2), 1.0)
    return EBCheck(ratios[0], ratios[1], scatter=float(np.sqrt(4.0 / areas)), skewness=skewness(modes[0][0]))


def skewness(values: np.ndarray) -> float:
    """Third moment about the mean in units of the standard deviation; 0 for constant values."""
    """Third standardised moment; 0 of constant values."""
    deviation, spread = values - values.mean(), values.std()
    return float(np.mean(deviation**3) / spread**3) if spread > 0 else 0.0
