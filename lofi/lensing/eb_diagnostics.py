"""Gravity makes E modes only: a test of signs and axes on real shear."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from lofi.lensing.kaiser_squires import kaiser_squires
from lofi.lensing.shear_map import BinnedShear

DIFFERENCE = 4.3  # in units of the scatter: three standard errors of the difference of two ratios
ERRORS = 3.0


@dataclass(frozen=True)
class EBCheck:
    """Variances of the smoothed Kaiser–Squires map inside the mask.

    Attributes
    ----------
    ratio : var(E) / var(B) of the shear as given; 1 for pure noise, above 1 for a signal in the right frame.
    ratio_flipped : the same with the sign of e2 reversed.
    scatter : standard deviation of either ratio for pure noise, from the number of independent smoothing areas.
    skewness, skewness_flipped : of the E map, and of that with e2 reversed; that with e1 reversed has the opposite.
        Mass is concentrated: where skewness is beyond chance, the right sign gives a positive one.
    """

    ratio: float
    ratio_flipped: float
    scatter: float
    skewness: float
    skewness_flipped: float = 0.0

    @property
    def suspicious(self) -> bool:
        """Whether reversing one component makes a clearly purer E map."""
        return self.ratio_flipped - self.ratio > DIFFERENCE * self.scatter

    @property
    def skewness_error(self) -> float:
        """Standard error of a skewness for a Gaussian map: `√(6 / areas)`."""
        return float(np.sqrt(1.5) * self.scatter)

    def notes(self, smoothing: str) -> list[str]:
        """Sentences on what was found; `smoothing` says how the maps were smoothed."""
        ratios = f"{self.ratio:.2f}; with e2 flipped {self.ratio_flipped:.2f}; pure noise 1 +- {self.scatter:.2f}"
        found = [f"var(E)/var(B) smoothed by {smoothing}: {ratios}"]
        chance = ERRORS * self.skewness_error
        if self.suspicious:
            found.append(
                "the frame of e1, e2 looks wrong: with --e2-sign -1 or --e1-sign -1 the B mode is smaller; their maps "
                f"have opposite signs, and {self._choice(chance)}"
            )
        elif self.ratio > 1 + ERRORS * self.scatter and self.skewness < -chance:
            found.append(
                f"the map is skewed to negative values ({self.skewness:.2f} +- {self.skewness_error:.2f}), mass to "
                "positive ones: e1 and e2 may both have the wrong sign (--e1-sign -1 --e2-sign -1); check with a known "
                "cluster"
            )
        return found

    def _choice(self, chance):
        if abs(self.skewness_flipped) <= chance:
            return "their skewness does not tell which is right: check with a known cluster or the documents"
        option = "--e2-sign -1" if self.skewness_flipped > 0 else "--e1-sign -1"
        return f"that of {option} is skewed to positive values, as mass is"


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
    skewed = [skewness(e_mode) for e_mode, _ in modes]
    return EBCheck(*ratios, float(np.sqrt(4.0 / areas)), *skewed)


def skewness(values: np.ndarray) -> float:
    """Third standardised moment; 0 of constant values."""
    deviation, spread = values - values.mean(), values.std()
    return float(np.mean(deviation**3) / spread**3) if spread > 0 else 0.0
