"""Linear filters on the sphere: Gaussian smoothing, and the Wiener filter of a survey's shear."""

import warnings

import healpy as hp
import numpy as np
import torch

from lofi.solvers.conjugate_gradient import conjugate_gradient
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.lensing import shear_factor, shear_from_convergence

CONVERGED, STEPS = 1e-3, 100  # of the conjugate gradients: relative residual, steps at most


def gaussian_beam(lmax: int, sigma_arcmin: float) -> np.ndarray:
    """Transfer function (lmax + 1,) of a Gaussian of standard deviation `sigma_arcmin`."""
    ell = np.arange(lmax + 1)
    return np.exp(-0.5 * ell * (ell + 1) * np.radians(sigma_arcmin / 60.0) ** 2)


def wiener(harmonics: Harmonics, gamma: np.ndarray, noise_std: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Coefficients (n,) of the posterior mean of a Gaussian convergence given a masked shear map of varying noise.

    `(S⁻¹ + A† N⁻¹ A) κ = A† N⁻¹ γ` with A from convergence to shear, S diagonal in ℓ, N in pixels (inf where masked),
    solved by conjugate gradients in harmonic space for κ / √S, preconditioned with the mean of N⁻¹.

    Parameters
    ----------
    gamma : complex (pixels,), 0 where masked. noise_std : (pixels,). power : C_ℓ (lmax + 1,) [sr].
    """
    precision = np.where(np.isfinite(noise_std), noise_std, np.inf) ** -2.0
    signal = np.sqrt(np.where(np.arange(len(power)) >= 2, power, 0.0))
    root = signal * shear_factor(harmonics.lmax)

    def back(shear):  # √S A† N⁻¹
        maps = np.stack([-shear.real, shear.imag]) * precision
        return harmonics.filtered(harmonics.adjoint(maps, spin=2)[0], root)

    def normal(x):
        return x + back(shear_from_convergence(harmonics, harmonics.filtered(x, signal)))

    preconditioner = 1.0 / (1.0 + root**2 * precision.mean() * harmonics.pixels / (4 * np.pi))
    weight = np.where(hp.Alm.getlm(harmonics.lmax)[1] > 0, 2.0, 1.0)

    def product(a, b):
        return torch.from_numpy(np.atleast_1d((weight * (a.numpy().conj() * b.numpy()).real).sum()))

    def on_tensors(function):
        return lambda x: torch.from_numpy(function(x.numpy()[0, 0]))[None, None]

    if not gamma.any():
        raise ValueError("the shear map is zero everywhere; there is nothing to filter")
    x, steps = conjugate_gradient(
        on_tensors(normal),
        torch.from_numpy(back(gamma))[None, None],
        tolerance=CONVERGED,
        max_iterations=STEPS,
        product=product,
        precondition=on_tensors(lambda residual: harmonics.filtered(residual, preconditioner)),
        plain=True,
    )
    if steps == STEPS:
        warnings.warn(f"the Wiener filter stopped after {STEPS} steps, its residual above {CONVERGED:g}", stacklevel=2)
    return harmonics.filtered(x.numpy()[0, 0], signal)
