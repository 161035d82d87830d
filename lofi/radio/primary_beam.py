"""The primary beam: how much weaker the dishes see what lies off their axis (docs/conventions.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import katbeam
import numpy as np
from scipy.constants import speed_of_light
from scipy.special import j1

MEERKAT_BANDS = (544e6, 1712e6)  # Hz, lower edge of UHF and upper edge of L; the model knows no other receivers
L_BAND = 856e6  # Hz, its lower edge
ANGLES = 36  # at which a dish that turns on the sky is averaged
RADII = 1024  # of a radial profile


@dataclass(frozen=True)
class PrimaryBeam:
    """A round primary beam.

    Attributes
    ----------
    name : of the model, for headers.
    power : of distances from the axis (n,) in degrees, ascending from 0, and a frequency in Hz: (n,), at most 1.
    """

    name: str
    power: Callable[[np.ndarray, float], np.ndarray]

    def profile(self, radii: np.ndarray, frequencies: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Power (n,) at distances (n,) in degrees: mean over frequencies (F,) in Hz with weights (F,)."""
        return np.average([self.power(radii, frequency) for frequency in frequencies], axis=0, weights=weights)


def airy(diameter_m: float) -> PrimaryBeam:
    """Airy pattern of an evenly illuminated dish: half power at `0.515 λ / D` from the axis.

    The dish of a tapered illumination is smaller in effect: `D = 1.03 λ / FWHM`.
    """

    def power(radii: np.ndarray, frequency: float) -> np.ndarray:
        x = np.pi * diameter_m * frequency / speed_of_light * np.sin(np.radians(radii))
        small = x < 1e-6
        return np.where(small, 1.0, (2 * j1(x) / np.where(small, 1.0, x)) ** 2)

    return PrimaryBeam(f"Airy pattern of {diameter_m:g} m", power)


def meerkat(lowest_hz: float, highest_hz: float) -> PrimaryBeam:
    """Stokes I of `katbeam`, fitted to holography of MeerKAT (de Villiers & Cotton 2022), mean over position angles.

    The dishes stand on alt-azimuth mounts and turn on the sky. The beam is 4 % wider along one axis than along the
    other: what is seen at one angle alone differs from the mean by up to 4 % at half power, 5 % at 1.5 GHz.

    Raises ValueError for frequencies of other receivers than UHF and L.
    """
    least, most = MEERKAT_BANDS
    if not (0.99 * least <= lowest_hz and highest_hz <= 1.01 * most):
        raise ValueError(
            f"the primary beam of MeerKAT is known from {least / 1e6:g} to {most / 1e6:g} MHz, the data reach from "
            f"{lowest_hz / 1e6:g} to {highest_hz / 1e6:g} MHz; give the effective diameter of a dish, --primary-beam "
            "11.7"
        )
    # ASSUME: what lies within L band is L band; from 856 to 1088 MHz the receiver could be UHF (4 % narrower beam).
    model = katbeam.JimBeam("MKAT-AA-L-JIM-2020" if lowest_hz >= 0.99 * L_BAND else "MKAT-AA-UHF-JIM-2020")
    name = f"katbeam {katbeam.__version__} {model.name}, mean over position angles"
    return PrimaryBeam(name, partial(_katbeam_power, model))


def _katbeam_power(model, radii, frequency):
    known = np.clip(frequency / 1e6, model.freqMHzlist[0], model.freqMHzlist[-1])
    # ASSUME: beyond the frequencies of the model, at the edges of the bands, the beam keeps its form in λ / D.
    radii = radii * frequency / 1e6 / known
    angles = 2 * np.pi * np.arange(ANGLES)[:, None] / ANGLES
    return model.I(radii * np.cos(angles), radii * np.sin(angles), known).mean(axis=0)


def power_image(
    beam: PrimaryBeam,
    shape: tuple[int, int],
    cell_radians: float,
    frequencies: np.ndarray,
    weights: np.ndarray,
    axis: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:
    """Power of a beam (H, W) on an image, mean over frequencies (F,) in Hz with weights (F,).

    axis : direction cosines (l, m), towards East and North of the phase centre, that the dishes point to.
    """
    height, width = shape
    east = -cell_radians * (np.arange(width) - width // 2) - axis[0]
    north = cell_radians * (np.arange(height) - height // 2) - axis[1]
    distance = np.degrees(np.arcsin(np.minimum(np.hypot(east, north[:, None]), 1.0)))
    radii = np.linspace(0, distance.max(), RADII)
    return np.interp(distance, radii, beam.profile(radii, frequencies, weights))


def half_power_degrees(beam: PrimaryBeam, frequencies: np.ndarray, weights: np.ndarray) -> float:
    """Distance from the axis at which the mean beam falls to half."""
    end = 1e-3
    while beam.profile(np.array([0.0, end]), frequencies, weights)[1] > 0.5:
        end *= 1.5
    radii = np.linspace(0, end, RADII)
    return float(np.interp(-0.5, -beam.profile(radii, frequencies, weights), radii))
