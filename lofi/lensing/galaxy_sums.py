"""Sums over the galaxies of each pixel, of a plane or of the sphere, and the shear and noise that follow from them."""

import numpy as np

from lofi.lensing.ordered_sums import OrderedSums


class GalaxySums:
    """What `pixels` of a map know of their galaxies (`lofi.lensing.ordered_sums`)."""

    def __init__(self, pixels: int) -> None:
        self.of_pixels, self._of_all = OrderedSums(pixels), OrderedSums(1)

    def add(self, pixel: np.ndarray, weight: np.ndarray, ellipticity: np.ndarray) -> None:
        """Add galaxies (n,) of complex ellipticity to the sums of their pixels."""
        shear, square = weight * ellipticity, weight**2
        self.of_pixels.add(pixel, weight=weight, gamma1=shear.real, gamma2=shear.imag, square=square)
        power = square * (ellipticity.real**2 + ellipticity.imag**2)
        self._of_all.add(np.zeros(len(pixel), int), square=square, power=power)

    @property
    def sigma_e(self) -> float:
        """Dispersion per component, `sigma_e² = Σ w² |e|² / (2 Σ w²)`.

        It goes with `n_eff = (Σ w)² / (area Σ w²)` (Heymans et al. 2012): `sigma_e² Σ w² / (Σ w)²` is then the variance
        of a weighted mean also where weight and ellipticity are related.
        """
        # ASSUME: the shear's own variance, about 1e-4 against 0.1, is counted as noise.
        return float(np.sqrt(self._of_all["power"] / (2.0 * self._of_all["square"]))[0])

    def shear(self, source: str) -> tuple[np.ndarray, np.ndarray]:
        """Complex shear, 0 where there is no galaxy, and noise per component, inf there, of all pixels.

        Raises ValueError where all ellipticities of `source` are 0.
        """
        if not self.sigma_e > 0:
            raise ValueError(f"all ellipticities of {source} are zero")
        weight, seen = self.of_pixels["weight"], self.of_pixels["weight"] > 0
        gamma, noise_std = np.zeros(len(weight), complex), np.full(len(weight), np.inf)
        np.divide(self.of_pixels["gamma1"], weight, out=gamma.real, where=seen)
        np.divide(self.of_pixels["gamma2"], weight, out=gamma.imag, where=seen)
        np.divide(self.sigma_e * np.sqrt(self.of_pixels["square"]), weight, out=noise_std, where=seen)
        return gamma, noise_std
