"""Gaussian convergence maps on a periodic patch."""

import numpy as np
import scipy.fft

from simulations.theory import Theory


def coloured_noise(white: np.ndarray, power: np.ndarray, pixel_arcmin: float) -> np.ndarray:
    """Colour white noise (H, W) of unit variance to the spectrum `power` (H, W) [sr], both in `fft2` order.

    From `C_ℓ = |FFT(κ)|² (pixel area)² / (survey area)`: the gain of a mode is `sqrt(C_ℓ / pixel area)`.
    """
    gain = np.sqrt(power) / np.deg2rad(pixel_arcmin / 60)
    spectrum = scipy.fft.rfft2(white, workers=1) * gain[:, : white.shape[1] // 2 + 1]
    return scipy.fft.irfft2(spectrum, s=white.shape, workers=1)


class GaussianSky:
    """Gaussian maps with the pixelised halofit spectrum of `theory`.

    Parameters
    ----------
    theory : `simulations.theory.Theory`.
    shape : (H, W) pixels.
    pixel_arcmin : pixel side [arcmin].
    """

    def __init__(self, theory: Theory, shape: tuple[int, int], pixel_arcmin: float) -> None:
        self.shape = tuple(shape)
        self.pixel_arcmin = pixel_arcmin
        self.power = theory.pixelised_power(self.shape, pixel_arcmin)

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """One map: float32 (H, W), mean 0."""
        kappa = coloured_noise(rng.standard_normal(self.shape), self.power, self.pixel_arcmin)
        return (kappa - kappa.mean()).astype(np.float32)
