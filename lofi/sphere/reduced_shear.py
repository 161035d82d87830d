"""The convergence that turns reduced shear on the sphere into shear (`lofi.lensing.reduced_shear`)."""

from collections.abc import Callable

import numpy as np

from lofi.lensing.reduced_shear import smoothing_width
from lofi.sphere.filters import gaussian_beam
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.lensing import shear_factor
from lofi.sphere.pixels import pixel_arcmin


def sphere_convergence(harmonics: Harmonics, noise_std: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Kaiser–Squires E (pixels,) of a complex shear map, RING, under a Gaussian that limits its noise.

    The analysis is the quadrature of HEALPix, right to a few per cent of a correction that is small itself.

    noise_std : (pixels,), inf where masked.
    """
    factor = shear_factor(harmonics.lmax)
    inverse = np.divide(4 * np.pi / harmonics.pixels, factor, out=np.zeros_like(factor), where=factor > 0)
    inverse *= gaussian_beam(harmonics.lmax, smoothing_width(noise_std) * pixel_arcmin(harmonics.nside))

    def convergence(gamma: np.ndarray) -> np.ndarray:
        e_mode = harmonics.adjoint(np.stack([-gamma.real, gamma.imag]), spin=2)[0]
        return harmonics.synthesis(harmonics.filtered(e_mode, inverse))[0]

    return convergence
