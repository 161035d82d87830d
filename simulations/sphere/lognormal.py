"""Shifted-lognormal convergence over the whole sky."""

from typing import Any

import ducc0
import numpy as np

from lofi.sphere.harmonics import Harmonics
from simulations.images.lognormal import minimum_convergence
from simulations.theory import Theory


class LognormalSphere:
    """Skies `κ_0 (exp(G − σ²/2) − 1)` whose spectrum is that of `theory` up to `harmonics.lmax`.

    Parameters
    ----------
    theory : `simulations.theory.Theory`.
    harmonics : `lofi.sphere.harmonics.Harmonics`.
    shift : κ_0 > 0; None takes `minimum_convergence` of the source plane.
    """

    def __init__(self, theory: Theory, harmonics: Harmonics, shift: float | None = None) -> None:
        self.harmonics = harmonics
        self.shift = minimum_convergence(theory.source_redshift) if shift is None else shift
        if not self.shift > 0:
            raise ValueError(f"expected a positive lognormal shift, not {self.shift}")
        self.power = sky_power(theory, harmonics.lmax)
        # ASSUME: modes of negative power are left out
        gaussian = np.maximum(lognormal_power(self.power, self.shift), 0.0)
        self.gaussian_power = gaussian
        self.variance = float(((2 * np.arange(len(gaussian)) + 1) * gaussian).sum() / (4 * np.pi))

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Coefficients (n,) of one sky, band-limited at lmax, without monopole and dipole.

        The exponential of a band-limited field has structure beyond its limit; it is analysed, not cut off in pixels,
        so that the map of these coefficients is the sky, at its pixel centres and between them. No pixel window.
        """
        field = self.harmonics.synthesis(gaussian_alm(self.gaussian_power, self.harmonics, rng))
        sky = self.shift * np.expm1(field - self.variance / 2)
        alm = self.harmonics.analysis(sky)[0]
        alm[self.harmonics.ell < 2] = 0.0
        return alm


def sky_power(theory: Theory, lmax: int, **part: Any) -> np.ndarray:
    """Spectrum (lmax + 1,) [sr] of the convergence, of a `part` as of `convergence_power`; no monopole and dipole."""
    power = np.zeros(lmax + 1)
    power[2:] = theory.convergence_power(np.arange(2.0, lmax + 1), **part)
    return power


def gaussian_alm(power: np.ndarray, harmonics: Harmonics, rng: np.random.Generator) -> np.ndarray:
    """Coefficients (n,) of a Gaussian field of spectrum `power` (lmax + 1,)."""
    ell = harmonics.ell
    parts = rng.standard_normal((2, len(ell)))
    alm = (parts[0] + 1j * parts[1]) / np.sqrt(2.0)
    alm[: harmonics.lmax + 1] = parts[0, : harmonics.lmax + 1]  # m = 0 is real
    return alm * np.sqrt(power)[ell]


def lognormal_power(power: np.ndarray, shift: float) -> np.ndarray:
    """Spectrum (lmax + 1,) of the Gaussian field whose shifted exponential has the spectrum `power`.

    Both are Legendre transforms of the correlation function, on Gauss–Legendre nodes: `ξ_G = ln(1 + ξ / κ_0²)`.
    """
    lmax = len(power) - 1
    count = 2 * lmax + 2
    nodes, weights = np.cos(ducc0.misc.GL_thetas(count)), ducc0.misc.GL_weights(count, 1)  # these sum to 4π
    xi = np.polynomial.legendre.legval(nodes, (2 * np.arange(lmax + 1) + 1) * power / (4 * np.pi))
    integrand = weights * np.log1p(xi / shift**2)
    gaussian = np.empty(lmax + 1)
    before, legendre = np.zeros(count), np.ones(count)
    for ell in range(lmax + 1):
        gaussian[ell] = integrand @ legendre
        before, legendre = legendre, ((2 * ell + 1) * nodes * legendre - ell * before) / (ell + 1)
    return gaussian
