"""What error bars read of a convergence map of the sphere, as of one of the plane."""

import numpy as np
import torch

from lofi.lensing.error_features import Smooth, features
from lofi.sphere.filters import gaussian_beam
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.pixels import pixel_arcmin


def smooth_sphere(harmonics: Harmonics) -> Smooth:
    """Gaussian smoothing of maps (pixels,), RING, in harmonic space; what it leaves needs no exact analysis."""

    def smooth(image: torch.Tensor, width: float) -> torch.Tensor:
        alm = harmonics.adjoint(image.numpy())[0] * (4 * np.pi / harmonics.pixels)
        return torch.from_numpy(harmonics.synthesis(harmonics.filtered(alm, gaussian_beam(harmonics.lmax, width)))[0])

    return smooth


def sphere_features(
    harmonics: Harmonics,
    kappa: np.ndarray,
    wiener: np.ndarray,
    noise_std: np.ndarray,
    power: np.ndarray,
    redshift: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """What error bars read of the pixels seen, and the unit of errors there, as `lofi.lensing.error_features.features`.

    Parameters
    ----------
    kappa, wiener : (pixels,), RING. noise_std : (pixels,), inf where masked. power : C_ℓ (lmax + 1,) [sr] of the sky.
    redshift : of the sources.
    """
    area = 4 * np.pi / harmonics.pixels
    count = (2 * np.arange(harmonics.lmax + 1) + 1) / harmonics.pixels
    images = (torch.from_numpy(np.asarray(image, dtype=np.float32)) for image in (kappa, wiener, noise_std))
    modes = (torch.from_numpy(np.asarray(table, dtype=np.float32)) for table in (power / area, count))
    found, scale = features(*images, pixel_arcmin(harmonics.nside), redshift, smooth_sphere(harmonics), *modes)
    return found.float(), scale.float()
