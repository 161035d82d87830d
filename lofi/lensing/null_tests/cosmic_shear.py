"""What cosmic shear adds to the scatter of a field's mean shear: structure larger than the field has no other trace."""

from functools import cache

import numpy as np
import scipy.fft
from scipy.special import j0

from lofi.lensing.kaiser_squires import shear_from_convergence

# ASSUME: the shape of the spectrum is that of halofit for sources at z = 0.86 (docs/conventions.md); its amplitude is
# measured on the catalogue, as far as the catalogue can.
MULTIPOLES = (10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240)
SPECTRUM = (3.62e-8, 2.82e-8, 1.66e-8, 7.93e-9, 3.22e-9, 1.31e-9, 5.76e-10, 2.51e-10, 9.42e-11, 2.84e-11, 7.05e-12)
AMPLITUDE = (1.0, 1.0)  # ASSUME: before it is measured, and its spread: sources at z = 0.4 have 0.2, at z = 1.5 2.5
SMOOTHING = np.radians(2 / 60)  # of the correlation at small separations, where nothing depends on it
SAMPLE = 600  # galaxies, of which all pairs are taken


def spectrum(ell: np.ndarray) -> np.ndarray:
    """`C_ℓ` of the convergence, in steradian; power laws between the table's multipoles and beyond them."""
    x, y = np.log(MULTIPOLES), np.log(SPECTRUM)
    inside = np.interp(np.log(ell), x, y)
    steep = (y[-1] - y[-2]) / (x[-1] - x[-2])
    return np.exp(inside + np.maximum(np.log(ell) - x[-1], 0) * steep)


def aperture_mass(radius: float) -> float:
    """`⟨M_ap²⟩ = ∫ ℓ dℓ / 2π C_ℓ (ℓR)⁴/4 exp(−ℓ²R²)` at R in radians (Jarvis et al. 2004, eq. 13)."""
    ell = np.geomspace(0.01, 5, 2000) / radius
    filtered = spectrum(ell) * (ell * radius) ** 4 / 4 * np.exp(-((ell * radius) ** 2))
    return float(np.trapezoid(ell**2 * filtered, np.log(ell))) / (2 * np.pi)


def likely_amplitude(measured: float, error: float) -> float:
    """Amplitude of cosmic shear, of a measured one with its error and of `AMPLITUDE`: their weighted mean, at least 0.

    Of a square degree the measured one is noise, and 0 in one field of three.
    """
    expected, spread = AMPLITUDE
    weight = spread**2 / (spread**2 + error**2)
    return max(weight * measured + (1 - weight) * expected, 0.0)


def variance_of_mean(directions: np.ndarray, weight: np.ndarray) -> float:
    """Variance per component of the weighted mean shear of galaxies in `directions` (n, 3), of unit amplitude.

    Half the mean of `ξ₊(θ) = ∫ ℓ dℓ / 2π C_ℓ J₀(ℓθ)` over their pairs; `SAMPLE` galaxies tell that of many.
    """
    points, share = directions, weight / weight.sum()
    chord = np.sqrt(np.maximum(2 - 2 * points @ points.T, 0))
    separation = 2 * np.arcsin(np.minimum(chord / 2, 1))
    return float(share @ np.interp(separation, *_correlation()) @ share) / 2


def simulated_shear(shape: tuple[int, int], pixel_arcmin: float, rng: np.random.Generator) -> np.ndarray:
    """Complex shear (H, W) of a Gaussian sky of unit amplitude, cut out of a periodic one twice as large."""
    sides, radians = tuple(scipy.fft.next_fast_len(2 * side) for side in shape), np.radians(pixel_arcmin / 60)
    ell = np.hypot(*np.meshgrid(*(2 * np.pi * np.fft.fftfreq(side) / radians for side in sides), indexing="ij"))
    ell[0, 0] = 1.0
    power = spectrum(ell) / radians**2
    power[0, 0] = 0.0
    kappa = scipy.fft.ifft2(scipy.fft.fft2(rng.standard_normal(sides)) * np.sqrt(power)).real
    return shear_from_convergence(kappa)[: shape[0], : shape[1]]


@cache
def _correlation():
    """Separations in radians, and ξ₊ at them."""
    ell = np.geomspace(2, 4 / SMOOTHING, 4000)
    power = ell**2 * spectrum(ell) * np.exp(-((ell * SMOOTHING) ** 2)) / (2 * np.pi)
    angles = np.concatenate([[0.0], np.geomspace(SMOOTHING, np.pi, 60)])
    return angles, np.array([np.trapezoid(power * j0(ell * angle), np.log(ell)) for angle in angles])
