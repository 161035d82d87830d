"""Sums over the galaxies of each pixel, of a plane or of the sphere, and the shear and noise that follow from them."""

from collections.abc import Iterable

import numpy as np

from lofi.lensing.catalogue import ShearCatalogue
from lofi.lensing.ordered_sums import OrderedSums


class GalaxySums:
    """What `pixels` of a map know of their galaxies (`lofi.lensing.ordered_sums`).

    Attributes
    ----------
    of_pixels, of_all : sums of each pixel, and of all of them. galaxies, outside : how many were read, and how many of
        a mask's outside. extent : ((least ra, largest), (least dec, largest)) of those that were read, degrees.
    """

    def __init__(self, pixels: int) -> None:
        self.of_pixels, self.of_all = OrderedSums(pixels), OrderedSums(1)
        self.galaxies = self.outside = 0
        self.extent = np.array([[np.inf, -np.inf]] * 2)

    def read(self, piece: ShearCatalogue) -> None:
        """Count the galaxies of a piece, whatever their pixel."""
        self.galaxies, self.outside = self.galaxies + len(piece), self.outside + piece.outside
        for limits, values in zip(self.extent, (piece.ra, piece.dec), strict=True):
            limits[:] = values.min(initial=limits[0]), values.max(initial=limits[1])

    def join(self, other: "GalaxySums") -> None:
        """Add the sums of other galaxies."""
        self.of_pixels.join(other.of_pixels)
        self.of_all.join(other.of_all)
        self.galaxies, self.outside = self.galaxies + other.galaxies, self.outside + other.outside
        least, largest = np.minimum(self.extent, other.extent), np.maximum(self.extent, other.extent)
        self.extent = np.stack([least[:, 0], largest[:, 1]], axis=1)

    def add(self, pixel: np.ndarray, weight: np.ndarray, ellipticity: np.ndarray) -> None:
        """Add galaxies (n,) of complex ellipticity to the sums of their pixels."""
        shear, square = weight * ellipticity, weight**2
        self.of_pixels.add(pixel, weight=weight, gamma1=shear.real, gamma2=shear.imag, square=square)
        power = square * (ellipticity.real**2 + ellipticity.imag**2)
        self.of_all.add(np.zeros(len(pixel), int), square=square, power=power)

    @property
    def sigma_e(self) -> float:
        """Dispersion per component, `sigma_e² = Σ w² |e|² / (2 Σ w²)`.

        It goes with `n_eff = (Σ w)² / (area Σ w²)` (Heymans et al. 2012): `sigma_e² Σ w² / (Σ w)²` is then the variance
        of a weighted mean also where weight and ellipticity are related.
        """
        # ASSUME: the shear's own variance, about 1e-4 against 0.1, is counted as noise.
        return float(np.sqrt(self.of_all["power"] / (2.0 * self.of_all["square"]))[0])

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


def joined(parts: Iterable[GalaxySums]) -> GalaxySums:
    """The sums of all parts, added to the first in their order."""
    total = None
    for part in parts:
        if total is None:
            total = part
        else:
            total.join(part)
    return total
