"""Shifted-lognormal convergence maps on a periodic patch."""

import numpy as np
import scipy.fft

from simulations.images.gaussian import coloured_noise
from simulations.theory import Theory


def minimum_convergence(z: float | np.ndarray) -> float | np.ndarray:
    """`κ_0`, minus the lowest convergence towards redshift `z` (Hilbert, Hartlap & Schneider 2011, eq. 31)."""
    return 0.008 * z + 0.029 * z**2 - 0.0079 * z**3 + 0.00065 * z**4


class LognormalSky:
    """Maps `κ_0 (exp(G − σ²/2) − 1)` with the pixelised halofit spectrum of `theory`.

    Parameters
    ----------
    theory : `simulations.theory.Theory`.
    shape : (H, W) pixels.
    pixel_arcmin : pixel side [arcmin].
    shift : κ_0 > 0; None takes `minimum_convergence` of the source plane.
    """

    def __init__(self, theory: Theory, shape: tuple[int, int], pixel_arcmin: float, shift: float | None = None) -> None:
        self.shape = tuple(shape)
        self.pixel_arcmin = pixel_arcmin
        self.shift = minimum_convergence(theory.source_redshift) if shift is None else shift
        if not self.shift > 0:
            raise ValueError(f"expected a positive lognormal shift, not {self.shift}")
        pixel_area = np.deg2rad(pixel_arcmin / 60) ** 2
        covariance = scipy.fft.ifft2(theory.pixelised_power(self.shape, pixel_arcmin), workers=1).real / pixel_area
        # ASSUME: pixel averages of the convergence are themselves lognormal; modes that would need negative power in
        # the Gaussian field are set to 0.
        gaussian = scipy.fft.fft2(np.log1p(covariance / self.shift**2), workers=1).real * pixel_area
        self.power = np.maximum(gaussian, 0.0)  # of G [sr]
        self.variance = self.power.sum() / (pixel_area * self.power.size)

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """One map: float32 (H, W), mean 0."""
        field = coloured_noise(rng.standard_normal(self.shape), self.power, self.pixel_arcmin)
        kappa = self.shift * np.expm1(field - self.variance / 2)
        return (kappa - kappa.mean()).astype(np.float32)
