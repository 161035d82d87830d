"""What the error of a convergence map depends on, pixel by pixel, in units of the Wiener filter's own error."""

import math
from collections.abc import Callable

import torch

from lofi.solvers.wiener import hermitian_weight, radial_frequency

LENGTH_ARCMIN = 2.34375  # below, structure is smoothed by the prior: widths are of this length, or of a pixel
NEAR, WIDE, FAR = 1.5, 4.0, 6.0  # widths of Gaussians, in that length
FEATURES = (
    *("estimate", "wiener", "smoothed", "smoothed widely", "rms nearby", "rms around"),  # in units of the error
    *("noise", "depth", "edge", "pixel", "redshift"),  # logarithms of ratios, and the redshift less 1
)
LEVELS = 24  # of the noise, between which the Wiener filter's error is interpolated
THINNEST = 1e-3  # of the largest weight: with less, a pixel counts as far from all data

Smooth = Callable[[torch.Tensor, float], torch.Tensor]  # an image under a Gaussian of a standard deviation in arcmin


def posterior_std(signal: torch.Tensor, count: torch.Tensor, noise_std: torch.Tensor) -> torch.Tensor:
    """Standard deviation of a Gaussian signal's posterior in white noise: `σ² = Σ count S N / (S + N)`.

    Parameters
    ----------
    signal : power S of the modes, per pixel. count : modes per pixel of each, of the shape of `signal`.
    noise_std : per pixel, N = noise_std², of any shape, finite.
    """
    ends = (float(noise_std.min()) * 0.999, float(noise_std.max()) * 1.001)
    level = torch.logspace(*map(math.log10, ends), LEVELS)
    variance = torch.stack([(count * signal / (1 + signal / n**2)).sum() for n in level])
    position = (noise_std / level[0]).log() / (level[-1] / level[0]).log() * (LEVELS - 1)
    below = position.long().clamp(0, LEVELS - 2)
    return torch.lerp(variance.log()[below], variance.log()[below + 1], position - below).div(2).exp()


def features(
    kappa: torch.Tensor,
    wiener: torch.Tensor,
    noise_std: torch.Tensor,
    pixel_arcmin: float,
    redshift: float,
    smooth: Smooth,
    signal: torch.Tensor,
    count: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """`FEATURES` of every pixel that has data, and the scale of its error.

    Parameters
    ----------
    kappa, wiener : estimate and Wiener map, of any one shape.
    noise_std : of the shear, per component; inf where masked.
    smooth : how images of that shape are smoothed. signal, count : as of `posterior_std`.

    Returns
    -------
    features (P, len(FEATURES)); the standard deviation (P,) that the Wiener filter would have at the noise around: the
    unit of errors. P pixels in the order of the images.
    """
    seen = torch.isfinite(noise_std)
    length = max(pixel_arcmin, LENGTH_ARCMIN)
    weight = noise_std**-2.0
    least = THINNEST * float(weight.max())
    near, wide = (smooth(weight, width * length)[seen].clamp(min=least).rsqrt() for width in (NEAR, WIDE))
    scale = posterior_std(signal, count, near)
    spread = (signal * count).sum().sqrt()
    images = [kappa[seen], wiener[seen], *(smooth(kappa, width * length)[seen] for width in (NEAR, WIDE))]
    images += [smooth(kappa**2, width * length)[seen].clamp(min=0).sqrt() for width in (NEAR, FAR)]
    logarithms = [(scale / spread).log(), (near / noise_std[seen]).log().clamp(-3, 3), (wide / near).log()]
    constants = [math.log(pixel_arcmin / LENGTH_ARCMIN), redshift - 1]
    columns = [image / scale for image in images] + logarithms
    return torch.stack(columns + [torch.full_like(scale, value) for value in constants], dim=1), scale


def smooth_plane(pixel_arcmin: float) -> Smooth:
    """Periodic smoothing of images (H, W) of square pixels."""

    def smooth(image: torch.Tensor, width: float) -> torch.Tensor:
        frequency = radial_frequency(image.shape)
        kernel = torch.exp(-2.0 * (torch.pi * width / pixel_arcmin * frequency) ** 2)
        return torch.fft.irfft2(torch.fft.rfft2(image) * kernel, s=image.shape)

    return smooth


def plane_features(
    kappa: torch.Tensor,
    wiener: torch.Tensor,
    noise_std: torch.Tensor,
    pixel_arcmin: float,
    redshift: float,
    signal: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """`features` of a periodic field of the plane, of images (H, W) whose means are of no account.

    signal : power per pixel (H, W//2 + 1) of the `rfft2` modes.
    """
    seen = torch.isfinite(noise_std)
    kappa, wiener = (image - image[seen].mean() for image in (kappa, wiener))
    count = hermitian_weight(kappa.shape) / kappa.numel()
    return features(kappa, wiener, noise_std, pixel_arcmin, redshift, smooth_plane(pixel_arcmin), signal, count)
