"""What a network that is trained on patches of the sphere is told; light enough for every task to import."""

from dataclasses import dataclass

import numpy as np

from simulations.noise import ellipticity_dispersion_per_component, shear_noise_std

CHANNELS = ("wiener", "kappa_e", "precision")  # simulations.sphere.observation: channels


def pixel_arcmin(nside):
    """Side [arcmin] of a square as large as a HEALPix pixel, `√(π/3) / Nside`: 3.44′ at Nside 1024."""
    return float(np.degrees(np.sqrt(np.pi / 3) / nside) * 60.0)


def nside_of(arcmin):
    """The Nside whose `pixel_arcmin` this is."""
    return round(np.sqrt(np.pi / 3) / np.radians(arcmin / 60.0))


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
    def about(self):
        return {"noise_std": self.noise_std, "pixel_arcmin": self.pixel_arcmin}


def nominal_observation(options, nside):
    """The observation of a configuration's `observation` mapping at `nside`, where nothing varies."""
    dispersion, pixel = ellipticity_dispersion_per_component(**options["ellipticity_dispersion"]), pixel_arcmin(nside)
    return SphereObservation(float(shear_noise_std(pixel, options["galaxy_density"], dispersion)), pixel)
