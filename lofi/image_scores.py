"""Scores of positive images, such as radio skies, against their truth (docs/conventions.md, Scores of radio images)."""

import numpy as np

from lofi.metrics import similarity

STRETCH = 1000.0  # of `logsnr`: what is fainter than 1/1000 of the peak counts little


def image_scores(estimate: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """All scores of one image (H, W) in Jy/pixel against a truth that is not negative.

    Returns
    -------
    dict of floats. `snr`: `20 log10(‖truth‖ / ‖truth − estimate‖)`, dB, inf without error. `psnr`: of the peak of the
    truth over the RMSE, dB. `ssim`: mean structural similarity, data range = peak of the truth; NaN of images narrower
    than its window, 11 pixels. `logsnr`: `snr` of `log10(1 + 1000 image / peak)`, negative estimates taken as 0.
    `flux_ratio`: total of the estimate over that of the truth.

    Raises ValueError on NaN or inf, different shapes, or a truth that is negative somewhere or 0 everywhere.
    """
    estimate, truth = _checked(estimate, truth)
    peak, error = truth.max(), np.mean((estimate - truth) ** 2)
    stretched = [np.log10(1 + STRETCH / peak * image.clip(min=0)) for image in (estimate, truth)]
    return {
        "snr": _decibel(np.mean(truth**2), error),
        "psnr": _decibel(peak**2, error),
        "ssim": float(similarity(estimate, truth, peak).mean()),
        "logsnr": _decibel(np.mean(stretched[1] ** 2), np.mean((stretched[0] - stretched[1]) ** 2)),
        "flux_ratio": float(estimate.sum() / truth.sum()),
    }


def band_snr(estimate: np.ndarray, truth: np.ndarray, edge: float) -> dict[str, float]:
    """The SNR of what was measured, and of what was not: Fourier modes inside and outside a disc.

    Parameters
    ----------
    estimate, truth : (H, W), Jy/pixel; the modes are those of `numpy.fft.fft2` of the tapered images.
    edge : radius of the disc in radians per pixel, such as the longest baseline; positive.

    Returns
    -------
    dict of `snr_inside`, `snr_outside`: `10 log10(Σ|truth|² / Σ|truth − estimate|²)` over the modes, dB; 0 is what an
    empty image has. NaN where the truth has no power. `power_outside`: share of `Σ|truth|²` outside.
    Raises ValueError as `image_scores`, or where `edge` is not positive.
    """
    estimate, truth = _checked(estimate, truth)
    if not 0 < edge < np.inf:
        raise ValueError(f"the edge of the sampled disc is {edge}; expected a positive number of radians per pixel")
    y, x = (2 * np.pi * np.fft.fftfreq(size) for size in truth.shape)
    inside = np.hypot(y[:, None], x) <= edge
    signal, error = (np.abs(np.fft.fft2(image)) ** 2 for image in (tapered(truth), tapered(estimate - truth)))
    return {
        "snr_inside": _decibel(signal[inside].sum(), error[inside].sum()),
        "snr_outside": _decibel(signal[~inside].sum(), error[~inside].sum()),
        "power_outside": float(signal[~inside].sum() / signal.sum()),
    }


def tapered(image: np.ndarray) -> np.ndarray:
    """Images (..., H, W) times a Hann window: a sky cut off by the frame has no sharp edge to be credited for."""
    height, width = image.shape[-2:]
    return image * np.outer(np.hanning(height + 1)[:-1], np.hanning(width + 1)[:-1])  # periodic


def _checked(estimate, truth):
    estimate, truth = (np.asarray(image, dtype=np.float64) for image in (estimate, truth))
    if estimate.ndim != 2 or estimate.shape != truth.shape:
        raise ValueError(f"the estimate is {estimate.shape}, the truth {truth.shape}; expected the same (H, W)")
    if not (np.isfinite(estimate).all() and np.isfinite(truth).all()):
        raise ValueError("the images to be scored contain NaN or inf")
    if truth.min() < 0 or truth.max() == 0:
        raise ValueError(
            f"the truth ranges from {truth.min():g} to {truth.max():g}; expected 0 or more, not 0 everywhere"
        )
    return estimate, truth


def _decibel(signal, error):
    """`10 log10(signal / error)`; NaN without signal, inf without error."""
    if signal == 0:
        return float("nan")
    return float(10 * np.log10(signal / error)) if error > 0 else float("inf")
