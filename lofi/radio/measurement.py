"""What visibilities say about an image: the sums that imaging works with."""

from dataclasses import dataclass

import numpy as np

from lofi.radio.noise import theoretical_noise
from lofi.radio.operator import VisibilityOperator
from lofi.radio.weighting import natural


@dataclass(frozen=True)
class Measurement:
    """Visibilities of one sky, or of P skies seen alike, on an image grid.

    Attributes
    ----------
    operator : of image and coverage.
    visibilities : (P, M) complex, Jy. sigma : (M,), Jy, up to a factor per sky, `scale` (P,).
    weights : natural, (M,), sum 1. psf : (2H, 2W) of them. dirty : (P, H, W) Jy/beam. noise : (P,) of the dirty images.
    power : (P,) `Σ W |V|²`, Jy².
    """

    operator: VisibilityOperator
    visibilities: np.ndarray
    sigma: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    psf: np.ndarray
    dirty: np.ndarray
    noise: np.ndarray
    power: np.ndarray

    def missing(self, images: np.ndarray) -> np.ndarray:
        """Visibilities (P, M) that images (P, H, W) in Jy/pixel do not account for, `V − A I`, exactly."""
        return self.visibilities - self.operator.forward(images)

    def chi2(self, missing: np.ndarray) -> np.ndarray:
        """Reduced χ² (P,) of `missing` visibilities (P, M): `Σ |V − A I|² / (2 sigma² M)`."""
        return ((np.abs(missing) / self.sigma) ** 2).sum(-1) / (2 * self.scale**2 * len(self.sigma))


def measure(
    x: np.ndarray,
    y: np.ndarray,
    visibilities: np.ndarray,
    sigma: np.ndarray,
    shape: tuple[int, int],
    scale: np.ndarray | None = None,
) -> Measurement:
    """The `Measurement` of visibilities (P, M) at x, y (M,) rad per pixel of noise `sigma` (M,) times `scale` (P,)."""
    visibilities = np.atleast_2d(visibilities)
    scale = np.ones(len(visibilities)) if scale is None else np.asarray(scale, dtype=float)
    operator = VisibilityOperator(x, y, shape)
    weights = natural(sigma)
    return Measurement(
        operator=operator,
        visibilities=visibilities,
        sigma=np.asarray(sigma, dtype=float),
        scale=scale,
        weights=weights,
        psf=operator.psf(weights),
        dirty=operator.dirty(visibilities, weights),
        noise=scale * theoretical_noise(weights, sigma),
        power=(weights * np.abs(visibilities) ** 2).sum(-1),
    )
