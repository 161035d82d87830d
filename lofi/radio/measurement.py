"""What visibilities say about an image: the sums that imaging works with, and the products that are published."""

from dataclasses import dataclass

import numpy as np

from lofi.radio.beam import Beam, convolve, fit_beam
from lofi.radio.noise import theoretical_noise
from lofi.radio.operator import VisibilityOperator
from lofi.radio.weighting import briggs, natural, uniform

WEIGHTINGS = ("natural", "uniform", "briggs")


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

    def missing(self, images):
        """Visibilities (P, M) that images (P, H, W) in Jy/pixel do not account for, `V − A I`, exactly."""
        return self.visibilities - self.operator.forward(images)

    def chi2(self, missing):
        """Reduced χ² (P,) of `missing` visibilities (P, M): `Σ |V − A I|² / (2 sigma² M)`."""
        return ((np.abs(missing) / self.sigma) ** 2).sum(-1) / (2 * self.scale**2 * len(self.sigma))


def measure(x, y, visibilities, sigma, shape, scale=None):
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


UNITS = {"dirty": "Jy/beam", "psf": "Jy/beam", "model": "Jy/pixel", "residual": "Jy/beam", "image": "Jy/beam"}


@dataclass(frozen=True)
class Products:
    """The images that radio astronomers publish, of one sky (H, W): `dirty`, `psf`, `residual` and `image` in Jy/beam,
    `model` in Jy/pixel; their `beam`, and the theoretical `noise` of the dirty image."""

    dirty: np.ndarray
    psf: np.ndarray
    model: np.ndarray
    residual: np.ndarray
    image: np.ndarray
    beam: Beam
    noise: float

    def images(self):
        """The images by name, each with its unit."""
        return {name: (getattr(self, name), unit) for name, unit in UNITS.items()}


def imaging_weights(operator, sigma, weighting="briggs", robust=0.0):
    """Weights (M,), sum 1, by the name of the weighting, of visibilities with noise `sigma` (M,)."""
    grid = (operator.x, operator.y, operator.shape, sigma)
    if weighting not in WEIGHTINGS:
        raise ValueError(f"weighting is {weighting!r}; expected one of {', '.join(WEIGHTINGS)}")
    if weighting == "natural":
        return natural(sigma)
    return uniform(*grid) if weighting == "uniform" else briggs(*grid, robust)


def products(measurement, model, weights, index=0):
    """The `Products` of sky `index` and a model (H, W) in Jy/pixel, with these imaging weights (M,)."""
    operator, visibilities = measurement.operator, measurement.visibilities[index]
    psf = operator.psf(weights)
    beam = fit_beam(psf)
    residual = operator.dirty(visibilities - operator.forward(model), weights)
    height, width = operator.shape
    return Products(
        dirty=operator.dirty(visibilities, weights),
        psf=psf[height - height // 2 :, width - width // 2 :][:height, :width],
        model=model,
        residual=residual,
        image=convolve(model, beam) + residual,
        beam=beam,
        noise=float(measurement.scale[index] * theoretical_noise(weights, measurement.sigma)),
    )
