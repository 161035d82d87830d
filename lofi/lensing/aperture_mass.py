"""Aperture mass: what tangential shear around a point says of the mass in it (Schneider 1996).

`M(θ₀) = ∫ Q(|θ − θ₀|) γ_t d²θ = ∫ U(|θ − θ₀|) κ d²θ`: U is compensated, `∫ U θ dθ = 0`, so that no mean is needed.
"""

from collections.abc import Callable

import numpy as np
from scipy.signal import fftconvolve

SUPPORT = {"schneider": 1.0, "schirmer": 1.0, "starlet": 2.0}  # radius beyond which Q is 0, in units of the scale
CORE = 0.15  # x_c of the filter of Schirmer et al. (2007)
SAMPLES = 5  # of a pixel, along each axis


def schneider(x: np.ndarray) -> np.ndarray:
    """`6/π x² (1 − x²)` (Schneider et al. 1998, ℓ = 1)."""
    return np.where(x < 1, 6 / np.pi * x**2 * (1 - x**2), 0.0)


def schirmer(x: np.ndarray) -> np.ndarray:
    """`tanh(x/x_c) / (π x/x_c) / (1 + e^(6 − 150x) + e^(−47 + 50x))`, near NFW's shear (Schirmer et al. 2007)."""
    ratio = np.maximum(x, 1e-9) / CORE
    cut = 1 + np.exp(6 - 150 * x) + np.exp(np.minimum(-47 + 50 * x, 50.0))
    return np.where(x < 1, np.tanh(ratio) / ratio / cut / np.pi, 0.0)


def starlet_u(x: np.ndarray) -> np.ndarray:
    """U of the starlet (Leonard, Pires & Starck 2012, eq. 20), positive to x = 0.6, 0 from 2 on."""
    terms = 93 * x**3 - 64 * (np.abs(0.5 - x) ** 3 + (0.5 + x) ** 3)
    terms += 18 * (np.abs(1 - x) ** 3 + (1 + x) ** 3) - 0.5 * (np.abs(2 - x) ** 3 + (2 + x) ** 3)
    return np.where(x < 2, terms / 9, 0.0)


def starlet(x: np.ndarray) -> np.ndarray:
    """`Q = 2/x² ∫₀ˣ x' U(x') dx' − U` of the starlet."""
    nodes = np.linspace(0, 2, 4001)
    inside = np.concatenate([[0.0], np.cumsum(np.diff(nodes**2) * (starlet_u(nodes)[1:] + starlet_u(nodes)[:-1]) / 2)])
    q = inside / np.maximum(nodes, 1e-9) ** 2 - starlet_u(nodes)
    q[0] = 0.0
    return np.interp(x, nodes, q, right=0.0)


FILTERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "schirmer": schirmer,
    "schneider": schneider,
    "starlet": starlet,
}


def kernel(name: str, scale: float) -> np.ndarray:
    """`−Q e^(−2iφ)` (K, K) of a filter of `scale` pixels, means over pixels; K is odd."""
    reach = int(np.ceil(SUPPORT[name] * scale))
    fine = (np.arange((2 * reach + 1) * SAMPLES) + 0.5) / SAMPLES - reach - 0.5
    position = fine[None, :] + 1j * fine[:, None]
    distance = np.abs(position)
    turn = np.conj(position / np.maximum(distance, 1e-9)) ** 2
    values = -FILTERS[name](distance / scale) / scale**2 * turn
    side = 2 * reach + 1
    return values.reshape(side, SAMPLES, side, SAMPLES).mean(axis=(1, 3))


def aperture_mass(
    gamma: np.ndarray, noise_std: np.ndarray, name: str, scale: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Aperture mass of a shear map, its signal to noise, and that of its cross component, which mass does not have.

    Pixels count with their inverse variance, masked ones not at all.

    Parameters
    ----------
    gamma : complex (H, W), 0 where masked. noise_std : (H, W) per component, inf where masked.
    name : of `FILTERS`. scale : in pixels.

    Returns
    -------
    M, its signal to noise, that of the cross component: (H, W), 0 where no aperture has data.
    """
    weights = kernel(name, scale)
    precision = noise_std**-2.0
    total = fftconvolve(precision * gamma, weights, mode="same")
    variance = fftconvolve(precision, np.abs(weights) ** 2, mode="same")
    covered = fftconvolve(precision, np.abs(weights), mode="same")
    seen = covered > 1e-6 * covered.max()
    variance, covered = (np.where(seen, values, np.inf) for values in (variance, covered))
    return total.real / covered * np.abs(weights).sum(), total.real / np.sqrt(variance), total.imag / np.sqrt(variance)
