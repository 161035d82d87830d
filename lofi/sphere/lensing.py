"""Convergence and shear on the sphere (Castro, Heavens & Kitching 2005; Wallis et al. 2022).

`γ_ℓm = √((ℓ + 2)(ℓ − 1) / (ℓ (ℓ + 1))) κ_ℓm` for ℓ ≥ 2: with ℓ → ∞ the planar relation. Monopole and dipole make no
shear, so that they are unobservable, as the mean is on the plane. Shear is complex, γ1 + iγ2 against each pixel's own
(West, North) as everywhere here; in HEALPix's COSMO convention its Q = −γ1 and U = γ2.
"""

import numpy as np

from lofi.sphere.harmonics import Harmonics


def shear_factor(lmax: int) -> np.ndarray:
    """`γ_ℓm / κ_ℓm` (lmax + 1,), 0 for ℓ < 2."""
    ell = np.arange(lmax + 1, dtype=float)
    factor = np.zeros(lmax + 1)
    factor[2:] = np.sqrt((ell[2:] + 2) * (ell[2:] - 1) / (ell[2:] * (ell[2:] + 1)))
    return factor


def shear_from_convergence(harmonics: Harmonics, kappa: np.ndarray) -> np.ndarray:
    """Complex shear map (pixels,) of the coefficients (n,) of a convergence without B mode."""
    gradient = harmonics.filtered(kappa, shear_factor(harmonics.lmax))
    q, u = harmonics.synthesis(np.stack([gradient, np.zeros_like(gradient)]), spin=2)
    return -q + 1j * u


def kaiser_squires(harmonics: Harmonics, gamma: np.ndarray) -> np.ndarray:
    """Coefficients (2, n), E and B mode, of the convergence of a complex shear map (pixels,); masked pixels are 0."""
    if not np.isfinite(gamma).all():
        raise ValueError("the shear map contains NaN or inf; set masked pixels to 0 and mark them in the mask")
    factor = shear_factor(harmonics.lmax)
    inverse = np.divide(1.0, factor, out=np.zeros_like(factor), where=factor > 0)
    return harmonics.filtered(harmonics.analysis(np.stack([-gamma.real, gamma.imag]), spin=2), inverse)
