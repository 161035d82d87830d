"""The planar weak-lensing operator and its inverse, Kaiser–Squires (paper eqs 5–7; docs/conventions.md)."""

from functools import lru_cache

import numpy as np
import scipy.fft

from lofi.models.channels import SIGHT as SIGHT  # what else it sees, if it serves more than one kind of survey

CHANNELS = ("kappa_e", "kappa_b", "noise_std")  # what a network sees of a field


@lru_cache(maxsize=16)
def _multiplier(height, width):
    k1 = np.fft.fftfreq(width)[None, :]
    k2 = np.fft.fftfreq(height)[:, None]
    squared = k1**2 + k2**2
    squared[0, 0] = 1.0
    multiplier = (k1**2 - k2**2 + 2j * k1 * k2) / squared  # eq. 6
    multiplier[0, 0] = 0.0
    multiplier.flags.writeable = False
    return multiplier


def _multiply(field, multiplier):
    spectrum = scipy.fft.fft2(field)
    spectrum *= multiplier.astype(spectrum.dtype, copy=False)
    return scipy.fft.ifft2(spectrum, overwrite_x=True)


def shear_from_convergence(kappa: np.ndarray) -> np.ndarray:
    """Complex shear of a periodic convergence map: `gamma = F⁻¹ D F kappa` (eq. 5).

    Parameters
    ----------
    kappa : array (..., H, W), real or complex (E + iB), dimensionless; square pixels.

    Returns
    -------
    complex array (..., H, W). Its mean is zero: the mean of `kappa` is lost.
    """
    kappa = np.asarray(kappa)
    return _multiply(kappa, _multiplier(*kappa.shape[-2:]))


def kaiser_squires(gamma: np.ndarray, padding: int = 0) -> np.ndarray:
    """Convergence `E + iB` of a complex shear map (eq. 7), the exact inverse up to the mean.

    Parameters
    ----------
    gamma : complex array (..., H, W); masked pixels must be 0, not NaN.
    padding : pixels of zero shear added on each side before the transform and cut off after it. 0 treats the map as
        periodic (simulations); about half the map's size keeps opposite edges of a real field apart.

    Returns
    -------
    complex array (..., H, W); real part E mode, imaginary part B mode; mean-free when `padding` is 0.
    """
    gamma = np.asarray(gamma)
    if not np.isfinite(gamma).all():
        raise ValueError("the shear map contains NaN or inf; set masked pixels to 0 and mark them in the mask")
    height, width = gamma.shape[-2:]
    if padding:
        margins = [(0, 0)] * (gamma.ndim - 2) + [(padding, padding)] * 2
        gamma = np.pad(gamma, margins)
    kappa = _multiply(gamma, _multiplier(*gamma.shape[-2:]).conj())
    return kappa[..., padding : padding + height, padding : padding + width]


def channels(gamma: np.ndarray, noise_std: np.ndarray, padding: int = 0) -> np.ndarray:
    """What a network sees of a shear map (H, W): `CHANNELS` (3, H, W), float64; parameters as of `kaiser_squires`.

    noise_std : (H, W), standard deviation per component; inf where masked.
    """
    kappa = kaiser_squires(gamma, padding)
    return np.stack([kappa.real, kappa.imag, noise_std])


def with_sight(observed: np.ndarray, pixel_arcmin: float, redshift: float) -> np.ndarray:
    """`CHANNELS` (3, H, W) and two more, `SIGHT`: the side of a pixel [arcmin] and the redshift of the sources."""
    return np.concatenate([observed, *(np.full_like(observed[:1], value) for value in (pixel_arcmin, redshift))])
