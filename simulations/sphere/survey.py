"""What a survey of the sphere sees: its footprint, its holes, and how deep it is where."""

from collections.abc import Mapping
from dataclasses import dataclass

import healpy as hp
import numpy as np

from lofi.lensing.shape_noise import ellipticity_dispersion_per_component
from simulations.sphere.nominal import noise_level


@dataclass(frozen=True)
class SphereSurvey:
    """Footprint, holes and depth of a survey.

    Attributes
    ----------
    galaxy_density : mean galaxies per square arcmin.
    ellipticity_dispersion : per component.
    galactic_cut : degrees of galactic latitude that are masked on both sides of the plane; maps are equatorial.
    declinations : (lowest, highest) in degrees.
    holes : number of masked discs about bright stars, of `hole_radius` (smallest, largest) in arcmin, over the sphere.
    depth_variation : e-foldings by which the noise varies, smoothly: in every survey from minus to plus this much, so
        that what learns from one knows the depths of another.
    """

    galaxy_density: float
    ellipticity_dispersion: float
    galactic_cut: float = 0.0
    declinations: tuple = (-90.0, 90.0)
    holes: int = 0
    hole_radius: tuple = (5.0, 20.0)
    depth_variation: float = 0.0

    def level(self, nside: int) -> float:
        """Nominal noise of the shear per component and pixel."""
        return noise_level(self.galaxy_density, self.ellipticity_dispersion, nside)

    def noise_std(self, nside: int, rng: np.random.Generator) -> np.ndarray:
        """Noise of the shear per component and pixel, (pixels,) RING, inf where masked."""
        vectors = np.array(hp.pix2vec(nside, np.arange(12 * nside**2)))
        depth = _smooth(vectors, rng)
        seen = self._seen(nside, vectors, rng)
        if not seen.any():
            raise ValueError("the survey masks the whole sky; expected a footprint with data")
        low, high = depth[seen].min(), depth[seen].max()
        relative = 2 * (depth - low) / (high - low) - 1 if high > low else 0.0
        return np.where(seen, self.level(nside) * np.exp(self.depth_variation * relative), np.inf)

    def _seen(self, nside, vectors, rng):
        declination = np.degrees(np.arcsin(vectors[2]))
        low, high = self.declinations
        seen = (declination >= low) & (declination <= high)
        if self.galactic_cut > 0:
            galactic = hp.Rotator(coord=["C", "G"])(vectors)
            seen &= np.abs(np.degrees(np.arcsin(galactic[2]))) >= self.galactic_cut
        centres = rng.standard_normal((self.holes, 3))
        for centre in centres / np.linalg.norm(centres, axis=1, keepdims=True):
            radius = np.radians(rng.uniform(*self.hole_radius) / 60.0)
            seen[hp.query_disc(nside, centre, radius, inclusive=False)] = False
        return seen


def survey_of(options: Mapping) -> SphereSurvey:
    """The survey of a configuration's `observation` mapping."""
    dispersion = ellipticity_dispersion_per_component(**options["ellipticity_dispersion"])
    return SphereSurvey(**{**options, "ellipticity_dispersion": dispersion})


def _smooth(vectors, rng, waves=6):
    """A smooth function of direction: `waves` plane waves of about a radian."""
    directions, phases = rng.standard_normal((waves, 3)), rng.uniform(0, 2 * np.pi, waves)
    total = np.zeros(vectors.shape[1])
    for direction, phase in zip(directions, phases, strict=True):
        total += np.sin(2 * direction @ vectors + phase)
    return total
