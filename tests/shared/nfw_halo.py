"""Lensing by a halo of Navarro, Frenk & White, in closed form (Wright & Brainerd 2000, eqs 11 to 16)."""

import numpy as np
from astropy import constants, units
from astropy.cosmology import FlatLambdaCDM
from ktng_cosmology import COSMOLOGY

EXPANSION = FlatLambdaCDM(H0=100 * COSMOLOGY["h"], Om0=COSMOLOGY["omega_m"])


class Halo:
    """A spherical halo at redshift `lens` before sources at redshift `source`.

    mass : M200, in solar masses, within the radius of 200 times the critical density. concentration : r200 / r_s.
    """

    def __init__(self, mass: float, concentration: float = 4.0, lens: float = 0.3, source: float = 0.86) -> None:
        critical = EXPANSION.critical_density(lens)
        radius = (3 * mass * units.Msun / (800 * np.pi * critical)) ** (1 / 3)
        scale = radius / concentration
        share = np.log(1 + concentration) - concentration / (1 + concentration)
        density = 200 / 3 * concentration**3 / share * critical
        far, between = EXPANSION.angular_diameter_distance(source), EXPANSION.angular_diameter_distance(lens, source)
        near = EXPANSION.angular_diameter_distance(lens)
        surface = constants.c**2 / (4 * np.pi * constants.G) * far / (near * between)
        self.scale_arcmin = float(np.degrees((scale / near).to_value("")) * 60)
        self._unit = float((scale * density / surface).to_value(""))

    def convergence(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """At positions in arcmin from the centre."""
        r = np.maximum(np.hypot(x, y) / self.scale_arcmin, 1e-6)
        return 2 * self._unit * (1 - _arc(r)) / (r**2 - 1)

    def shear(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Complex shear, tangential: the mean convergence inside less the local one."""
        r = np.maximum(np.hypot(x, y) / self.scale_arcmin, 1e-6)
        inside = 4 * self._unit * (_arc(r) + np.log(r / 2)) / r**2
        return -(inside - self.convergence(x, y)) * ((x + 1j * y) / np.maximum(np.hypot(x, y), 1e-9)) ** 2

    def ellipticity(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """What galaxies measure: the reduced shear g, and 1 / g* where |g| > 1 (Seitz & Schneider 1997)."""
        kappa, gamma = self.convergence(x, y), self.shear(x, y)
        g = gamma / (1 - kappa)
        return np.where(np.abs(g) > 1, 1 / np.conj(g), g)


def _arc(r):
    """`2 / √|r² − 1| · artanh √((1 − r) / (1 + r))`, with arctan beyond 1."""
    ratio = np.sqrt(np.abs(1 - r) / (1 + r))
    root = np.sqrt(np.abs(r**2 - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        arc = 2 / root * np.where(r < 1, np.arctanh(np.minimum(ratio, 1 - 1e-16)), np.arctan(ratio))
    return np.where(np.abs(r - 1) < 1e-6, 1.0, arc)


def pixel_means(function, side: int, pixel_arcmin: float, samples: int = 16, centre=(0.0, 0.0)) -> np.ndarray:
    """Means of `function(x, y)` in side² pixels about the middle of the field, by `samples`² points in each.

    centre : (x, y), where the function has its origin, in arcmin from the middle.
    """
    along = ((np.arange(side * samples) + 0.5) / samples - side / 2) * pixel_arcmin
    values = function(along[None, :] - centre[0], along[:, None] - centre[1])
    return values.reshape(side, samples, side, samples).mean(axis=(1, 3))
