"""The primary beam: how much weaker the dishes see what lies off their axis (docs/conventions.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import katbeam
import numpy as np
from scipy.constants import speed_of_light
from scipy.ndimage import map_coordinates
from scipy.special import j1

from lofi.radio.beam_weights import ANGLES, BeamWeights
from lofi.radio.telescopes.telescope import telescope

MEERKAT_BANDS = (544e6, 1712e6)  # Hz, lower edge of UHF and upper edge of L; the model knows no other receivers
L_BAND = 856e6  # Hz, its lower edge
RADII = 512  # at which a beam is tabulated


@dataclass(frozen=True)
class PrimaryBeam:
    """A primary beam.

    Attributes
    ----------
    name : of the model, for headers.
    power : of directions x and y (…) in degrees from the axis, horizontal (as the azimuth grows) and vertical (up), and
        a frequency in Hz: (…), at most 1.
    site : longitude and latitude in degrees where the dishes stand, alt-azimuth mounted; None: the beam is round.
    """

    name: str
    power: Callable[[np.ndarray, np.ndarray, float], np.ndarray]
    site: tuple[float, float] | None = None

    def polar(self, radii: np.ndarray, seen: BeamWeights) -> np.ndarray:
        """Mean power (ANGLES, R) at distances (R,) in degrees and position angles k · 360° / ANGLES on the sky.

        A dish at the parallactic angle q shows `power` turned by q from North through East, which is to the left.
        """
        angles = 2 * np.pi * np.arange(ANGLES)[:, None] / ANGLES
        x, y = -radii * np.sin(angles), radii * np.cos(angles)
        turned = sum(
            np.fft.rfft(self.power(x, y, frequency), axis=0) * np.fft.rfft(weights)[:, None]  # a circular convolution
            for frequency, weights in zip(seen.frequencies, seen.weights, strict=True)
        )
        return np.fft.irfft(turned, ANGLES, axis=0) / seen.weights.sum()


def airy(diameter_m: float) -> PrimaryBeam:
    """Airy pattern of an evenly illuminated dish: half power at `0.515 λ / D` from the axis.

    The dish of a tapered illumination is smaller in effect: `D = 1.03 λ / FWHM`.
    """

    def power(x: np.ndarray, y: np.ndarray, frequency: float) -> np.ndarray:
        phase = np.pi * diameter_m * frequency / speed_of_light * np.sin(np.radians(np.hypot(x, y)))
        small = phase < 1e-6
        return np.where(small, 1.0, (2 * j1(phase) / np.where(small, 1.0, phase)) ** 2)

    return PrimaryBeam(f"Airy pattern of {diameter_m:g} m", power)


def meerkat(lowest_hz: float, highest_hz: float) -> PrimaryBeam:
    """Stokes I of `katbeam`, fitted to holography of MeerKAT (de Villiers & Cotton 2022).

    The beam is 4 % wider along the vertical than along the horizontal, and the dishes turn on the sky.

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
    name = f"katbeam {katbeam.__version__} {model.name}"
    array = telescope("meerkat")
    return PrimaryBeam(name, partial(_katbeam_power, model), (array.longitude_deg, array.latitude_deg))


def _katbeam_power(model, x, y, frequency):
    # ASSUME: x grows with the azimuth and y is up; katbeam does not say. It matters where the beam's axis is not at 0:
    # by 0.6 arcmin along x at 1.45 GHz (0.2 at most up to 1.4 GHz), by 0.8 along y at 0.9 GHz.
    known = np.clip(frequency / 1e6, model.freqMHzlist[0], model.freqMHzlist[-1])
    # ASSUME: beyond the frequencies of the model, at the edges of the bands, the beam keeps its form in λ / D.
    scale = frequency / 1e6 / known
    return model.I(scale * x, scale * y, known)


def power_image(
    beam: PrimaryBeam,
    shape: tuple[int, int],
    cell_radians: float,
    seen: BeamWeights,
    axis: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:
    """Power of a beam (H, W) on an image, averaged as the data saw it.

    axis : direction cosines (l, m), towards East and North of the phase centre, that the dishes point to.
    """
    height, width = shape
    east = -cell_radians * (np.arange(width) - width // 2) - axis[0]
    north = cell_radians * (np.arange(height) - height // 2) - axis[1]
    farthest = _degrees(np.hypot(np.abs(east).max(), np.abs(north).max()))
    table = beam.polar(np.linspace(0, farthest, RADII), seen)
    table = np.concatenate([table, table[:1]])  # a whole turn

    def row(m):
        angle = ANGLES * (np.arctan2(east, m) / (2 * np.pi) % 1)
        distance = (RADII - 1) / farthest * _degrees(np.hypot(east, m))
        return map_coordinates(table, [angle, distance], order=1, mode="nearest")

    return np.stack([row(m) for m in north])


def half_power_degrees(beam: PrimaryBeam, seen: BeamWeights) -> float:
    """Distance from the axis at which the beam, averaged as the data saw it and over position angles, falls to half."""
    end = 1e-3
    while _profile(beam, np.array([end]), seen)[0] > 0.5:
        end *= 1.5
    radii = np.linspace(0, end, RADII)
    return float(np.interp(-0.5, -_profile(beam, radii, seen), radii))


def _profile(beam, radii, seen):
    return beam.polar(radii, seen).mean(axis=0)


def _degrees(cosine):
    return np.degrees(np.arcsin(np.minimum(cosine, 1.0)))
