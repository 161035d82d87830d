"""From the reduced shear, which galaxies measure, to the shear: `γ = g (1 − κ)` (Seitz & Schneider 1995, eq. 3.10).

κ is that of the shear itself, so that the equation is iterated. Each step brings the maps closer by at least the factor
`STEEPEST`: the Kaiser–Squires inversion is unitary, smoothing and clipping bring no two maps apart.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from lofi.lensing.kaiser_squires import kaiser_squires

NOISE = 0.02  # ASSUME: of the κ that corrects; noisier maps are smoothed to it, so that their noise corrects nothing
KAPPA = (-0.1, 0.8)  # the κ that corrects lies between; emptier is no place, beyond it arcs form
STEEPEST = 0.9  # |g| beyond which the correction of a pixel no longer grows: noise, or inside a critical curve
TOLERANCE = 1e-3  # largest change of κ in a pixel
MOST = 100  # iterations; 0.9¹⁰⁰ is 3e-5


@dataclass(frozen=True)
class ReducedShear:
    """What the correction came to.

    Attributes
    ----------
    factor : γ / g of each pixel, of the shape of the shear; noise takes the same. iterations : how many.
    dense : pixels where κ is beyond what corrects.
    """

    factor: np.ndarray
    iterations: int
    dense: int

    def notes(self) -> list[str]:
        """A sentence on the correction."""
        largest = 1 - float(self.factor.min())
        return [
            f"ellipticities measure the reduced shear g: the maps are of g (1 - kappa), {self.iterations} iterations, "
            f"kappa up to {largest:.2g}; with --no-reduced-shear they are taken for the shear"
        ]

    def warnings(self) -> list[str]:
        """A sentence where κ comes near 1, else none."""
        if not self.dense:
            return []
        return [f"kappa is {KAPPA[1]:g} or more in {self.dense} pixels: near critical curves it is a lower bound"]


def iterate(reduced: np.ndarray, convergence: Callable[[np.ndarray], np.ndarray]) -> ReducedShear:
    """Iterate `γ = g (1 − κ)` until no pixel's κ changes by more than `TOLERANCE`.

    Parameters
    ----------
    reduced : complex g, 0 where masked. convergence : κ of a complex shear map, of the same shape.
    """
    limit = np.minimum(1.0, STEEPEST / np.maximum(np.abs(reduced), STEEPEST))
    kappa, found = np.zeros(reduced.shape), np.zeros(reduced.shape)
    change, iterations = np.inf, 0
    while change > TOLERANCE and iterations < MOST:
        found = convergence(reduced * (1 - limit * kappa))
        previous, kappa = kappa, np.clip(found, *KAPPA)
        change, iterations = float(np.abs(kappa - previous).max()), iterations + 1
    inside = reduced != 0
    return ReducedShear(np.where(inside, 1 - limit * kappa, 1.0), iterations, int(np.sum(inside & (found >= KAPPA[1]))))


def smoothing_width(noise_std: np.ndarray) -> float:
    """Standard deviation, in pixels, of the Gaussian that brings white noise to `NOISE`; 0 where it is lower.

    noise_std : per component and pixel, inf where masked; its median counts.
    """
    level = float(np.median(noise_std[np.isfinite(noise_std)]))
    return level / (2 * np.sqrt(np.pi) * NOISE) if level > NOISE else 0.0


def plane_convergence(noise_std: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Kaiser–Squires E of a periodic map (H, W), under the Gaussian that brings its noise to `NOISE`.

    noise_std : (H, W), inf where masked.
    """
    width = smoothing_width(noise_std)

    def convergence(gamma: np.ndarray) -> np.ndarray:
        kappa = kaiser_squires(gamma).real
        return gaussian_filter(kappa, width, mode="wrap") if width else kappa

    return convergence
