"""What a network that is trained on patches of the sphere is told."""

from collections.abc import Mapping
from dataclasses import dataclass

from lofi.lensing.shape_noise import ellipticity_dispersion_per_component, shear_noise_std
from lofi.sphere.pixels import CHANNELS, pixel_arcmin


def noise_level(galaxy_density: float, ellipticity_dispersion: float, nside: int) -> float:
    """Noise of the shear per component and HEALPix pixel; galaxies per square arcmin, dispersion per component."""
    return float(shear_noise_std(pixel_arcmin(nside), galaxy_density, ellipticity_dispersion))


@dataclass(frozen=True)
class SphereObservation:
    """How patches of the sphere are observed, and what a checkpoint remembers of it.

    Attributes
    ----------
    noise_std : nominal noise per shear component and pixel, which the precision is relative to.
    pixel_arcmin : side of a patch's pixels.
    """

    noise_std: float
    pixel_arcmin: float
    channels = CHANNELS
    outputs = 1

    @property
    def about(self) -> dict:
        return {"noise_std": self.noise_std, "pixel_arcmin": self.pixel_arcmin}


def nominal_observation(options: Mapping, nside: int) -> SphereObservation:
    """The observation of a configuration's `observation` mapping at `nside`, where nothing varies."""
    dispersion = ellipticity_dispersion_per_component(**options["ellipticity_dispersion"])
    return SphereObservation(noise_level(options["galaxy_density"], dispersion, nside), pixel_arcmin(nside))
