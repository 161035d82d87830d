"""Cleaning of real pictures, whose sky and noise a denoiser would otherwise learn as signal."""

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter, median_filter
from skimage.restoration import denoise_nl_means


def cleaned(image: np.ndarray, threshold: float = 3.0, feather: float = 6.0) -> np.ndarray:
    """The picture without its sky: background subtracted, denoised, faded to 0 where nothing is detected; peak 1.

    The median of the border is subtracted, noise is removed by non-local means (Buades et al. 2005) with the noise
    level of the sky, then by a Gaussian of 0.8 pixel. Where the result stays below `threshold` noise levels, it fades
    to 0 over `feather` pixels around what exceeds it. Deterministic.

    Parameters
    ----------
    image : (H, W), finite, at least 16 × 16 pixels.

    Returns
    -------
    float32 (H, W), at least 0, peak 1. ValueError if no source stands out from the noise.
    """
    image = np.asarray(image, np.float64)
    if image.ndim != 2 or min(image.shape) < 16:
        raise ValueError(f"a picture to be cleaned has the shape {image.shape}; expected at least 16 × 16 pixels")
    sky, noise = _sky(image)
    peak = image.max() - sky
    if not peak > threshold * noise:
        raise ValueError(f"no source in the picture stands out from the noise (noise {noise:g}, peak {peak:g})")
    image, noise = (image - sky) / peak, noise / peak
    if noise > 0:
        image = denoise_nl_means(image, patch_size=5, patch_distance=6, h=0.8 * noise, sigma=noise, fast_mode=True)
    image = np.maximum(gaussian_filter(image, 0.8), 0.0)
    # ASSUME: detected is what exceeds the threshold in the median of 5 × 5 pixels, and `feather` pixels around it.
    empty = median_filter(image, 5) <= max(threshold * noise, 1e-3)
    if empty.all():
        raise ValueError("no source of several pixels in the picture stands out from the noise")
    image *= np.clip(1 - distance_transform_edt(empty) / feather, 0, 1)
    return (image / image.max()).astype(np.float32)


def _sky(image):
    """Median of the border, a twentieth of the picture wide, and its noise: 84th percentile − median, 1σ of a Gaussian.

    The median absolute deviation would be 0 where more than half of the border was rounded to 0.
    """
    width = max(2, min(image.shape) // 20)
    border = np.ones(image.shape, bool)
    border[width:-width, width:-width] = False
    sky, above = np.percentile(image[border], (50, 84.13))
    return sky, above - sky
