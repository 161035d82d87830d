"""Scores of reconstructions, image by image (docs/conventions.md, Scores)."""

from collections.abc import Iterable

import numpy as np
from scipy.ndimage import maximum_filter
from skimage.metrics import structural_similarity

BORDER = 8
WINDOW = 11  # pixels of the window of `ssim`, cut at 3.5 standard deviations


def rmse(estimate: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> float:
    """Root mean square error of unmasked pixels."""
    return float(np.sqrt(np.mean((estimate - truth)[mask] ** 2)))


def pearson_r(estimate: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> float:
    """Pearson correlation of unmasked pixels; NaN if one of the images is constant."""
    if np.ptp(estimate[mask]) == 0 or np.ptp(truth[mask]) == 0:
        return float("nan")
    a, b = estimate[mask] - estimate[mask].mean(), truth[mask] - truth[mask].mean()
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def psnr(estimate: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> float:
    """`20 log10(range / rmse)` in dB, range = max − min of the truth; NaN if the truth is constant."""
    error, extent = rmse(estimate, truth, mask), np.ptp(truth[mask])
    if extent == 0:
        return float("nan")
    return float(20 * np.log10(extent / error)) if error > 0 else float("inf")


def ssim(estimate: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> float:
    """Structural similarity over unmasked pixels, Gaussian window of 1.5 pixels; NaN if the truth is constant."""
    extent = float(np.ptp(truth[mask]))
    return float(similarity(estimate, truth, extent)[mask].mean()) if extent > 0 else float("nan")


def similarity(estimate: np.ndarray, truth: np.ndarray, data_range: float) -> np.ndarray:
    """Structural similarity around each pixel, Gaussian window of 1.5 pixels; NaN if narrower than its window."""
    if min(truth.shape) < WINDOW:
        return np.full(truth.shape, np.nan)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return structural_similarity(truth, estimate, data_range=data_range, full=True, **options)[1]


def measured(
    names: Iterable[str], estimate: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None
) -> dict[str, float]:
    """These of `MEASURES`, by name, over the unmasked pixels (default: all), in float64."""
    mask = np.ones(truth.shape, dtype=bool) if mask is None else mask
    pair = estimate.astype(np.float64), truth.astype(np.float64)
    return {name: MEASURES[name](*pair, mask) for name in names}


MEASURES = {"rmse": rmse, "pearson_r": pearson_r, "psnr": psnr, "ssim": ssim}


def scores(estimate: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> dict[str, float]:
    """All measures of one image (H, W), over the unmasked pixels and (`_inner`) without an 8-pixel border.

    Both images are made mean-free over the pixels that count. `_inner` measures are NaN where no pixel is
    left, `ssim` also of images narrower than its window. Raises ValueError on NaN or inf there, or if all is masked.
    """
    if not mask.any():
        raise ValueError("the image to be scored is masked everywhere")
    if not (np.isfinite(estimate[mask]).all() and np.isfinite(truth[mask]).all()):
        raise ValueError("the images to be scored contain NaN or inf in unmasked pixels")
    inner = np.zeros_like(mask)
    inner[BORDER:-BORDER, BORDER:-BORDER] = True
    row = {}
    for suffix, pixels in (("", mask), ("_inner", mask & inner)):
        if not pixels.any():
            row |= {name + suffix: float("nan") for name in MEASURES}
            continue
        a, b = mean_free(estimate, pixels), mean_free(truth, pixels)
        row |= {name + suffix: measure(a, b, pixels) for name, measure in MEASURES.items()}
    return row


def mean_free(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The image minus its mean over the unmasked pixels, 0 where masked; float64."""
    image = np.where(mask, image, 0.0).astype(np.float64)
    return np.where(mask, image - image[mask].mean(), 0.0)


def count_peaks(image: np.ndarray, mask: np.ndarray, threshold: float) -> int:
    """Local maxima among 8 neighbours above `threshold`, in unmasked pixels."""
    image = np.where(mask, image, -np.inf)
    return int(((image == maximum_filter(image, size=3)) & mask & (image > threshold)).sum())


def band_powers(
    estimate: np.ndarray, truth: np.ndarray, pixel_radian: float, edges: np.ndarray
) -> dict[str, np.ndarray]:
    """Auto- and cross-spectra of a pair of images in bins of ℓ.

    Parameters
    ----------
    estimate, truth : (H, W), mean-free, 0 where masked. pixel_radian : pixel side. edges : (n + 1,) of ℓ.

    Returns
    -------
    dict of (n,) arrays `estimate`, `truth`, `cross` [sr], NaN in bins without modes; float64.
    """
    height, width = truth.shape
    ky = np.fft.fftfreq(height, pixel_radian)[:, None]
    kx = np.fft.fftfreq(width, pixel_radian)[None, :]
    index = np.digitize((2 * np.pi * np.hypot(ky, kx)).ravel(), edges) - 1
    inside = (index >= 0) & (index < len(edges) - 1)
    a, b = np.fft.fft2(estimate).ravel(), np.fft.fft2(truth).ravel()
    count = np.bincount(index[inside], minlength=len(edges) - 1).astype(float)
    count[count == 0] = np.nan
    products = {"estimate": np.abs(a) ** 2, "truth": np.abs(b) ** 2, "cross": (a * b.conj()).real}
    scale = pixel_radian**2 / (height * width)
    return {
        name: np.bincount(index[inside], product[inside], len(edges) - 1) / count * scale
        for name, product in products.items()
    }
