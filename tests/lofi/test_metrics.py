"""Scores against hand computations and skimage; masks, constants, borders; band powers."""

import math
import warnings

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from lofi import metrics

ALL = np.ones((40, 36), dtype=bool)


def images(seed=1):
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal(ALL.shape)
    return 0.7 * truth + 0.4 * rng.standard_normal(ALL.shape) + 3.0, truth


def test_by_hand():
    estimate, truth = np.array([[1.0, 2.0], [3.0, 6.0]]), np.array([[1.0, 1.0], [3.0, 3.0]])
    mask = np.array([[True, True], [True, False]])
    assert metrics.rmse(estimate, truth, mask) == pytest.approx(math.sqrt(1 / 3))
    assert metrics.psnr(estimate, truth, mask) == pytest.approx(20 * math.log10(2 / math.sqrt(1 / 3)))
    # deviations (−1, 0, 1) and (−2/3, −2/3, 4/3): 2 / sqrt(2 · 24/9)
    assert metrics.pearson_r(estimate, truth, mask) == pytest.approx(2 / math.sqrt(2 * 24 / 9))


def test_against_skimage_and_numpy():
    estimate, truth = (metrics.mean_free(image, ALL) for image in images())
    extent = np.ptp(truth)
    assert metrics.pearson_r(estimate, truth, ALL) == pytest.approx(np.corrcoef(estimate.ravel(), truth.ravel())[0, 1])
    assert metrics.psnr(estimate, truth, ALL) == pytest.approx(
        peak_signal_noise_ratio(truth, estimate, data_range=extent)
    )
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": extent}
    _, full = structural_similarity(truth, estimate, full=True, **options)
    assert metrics.ssim(estimate, truth, ALL) == pytest.approx(full.mean())


def test_scores_are_mean_free_and_of_unmasked_pixels_only():
    estimate, truth = images()
    mask = ALL.copy()
    mask[5:9, 10:20] = False
    row = metrics.scores(estimate, truth, mask)
    for change in (17.0, -4.0):
        assert metrics.scores(estimate + change, truth - change, mask) == pytest.approx(row)
    junk = np.where(mask, 0.0, np.nan)
    assert metrics.scores(estimate + junk, truth - junk, mask) == row
    a, b = estimate[mask] - estimate[mask].mean(), truth[mask] - truth[mask].mean()
    assert row["rmse"] == pytest.approx(np.sqrt(np.mean((a - b) ** 2)))
    assert row["psnr"] == pytest.approx(20 * np.log10(np.ptp(b) / row["rmse"]))


def test_inner_scores_leave_the_border_out():
    estimate, truth = images()
    row = metrics.scores(estimate, truth, ALL)
    inner = (slice(8, -8), slice(8, -8))
    a, b = (image[inner] - image[inner].mean() for image in (estimate, truth))
    assert row["rmse_inner"] == pytest.approx(np.sqrt(np.mean((a - b) ** 2)))
    estimate[:8] += 5.0
    changed = metrics.scores(estimate, truth, ALL)
    assert changed["rmse_inner"] == row["rmse_inner"]
    assert changed["rmse"] != row["rmse"]


def test_a_perfect_estimate():
    _, truth = images()
    row = metrics.scores(truth, truth, ALL)
    assert row["rmse"] == 0
    assert row["psnr"] == math.inf
    assert row["ssim"] == pytest.approx(1.0)
    assert row["pearson_r"] == pytest.approx(1.0)
    assert metrics.scores(-truth, truth, ALL)["pearson_r"] == pytest.approx(-1.0)


def test_constant_images_have_no_correlation():
    _, truth = images()
    constant = np.full(ALL.shape, 0.1)
    row = metrics.scores(constant, truth, ALL)
    assert math.isnan(row["pearson_r"])
    assert row["rmse"] == pytest.approx(truth.std())
    assert math.isfinite(row["psnr"])
    row = metrics.scores(truth, constant, ALL)
    assert all(math.isnan(row[name]) for name in ("pearson_r", "psnr", "ssim"))


def test_small_images_have_no_inner_part():
    estimate, truth = (image[:10, :10] for image in images())
    row = metrics.scores(estimate, truth, ALL[:10, :10])
    assert math.isfinite(row["rmse"])
    assert math.isnan(row["ssim"])
    assert all(math.isnan(row[f"{name}_inner"]) for name in metrics.MEASURES)


def test_refusals():
    estimate, truth = images()
    estimate[3, 3] = np.nan
    with pytest.raises(ValueError, match="contain NaN or inf in unmasked pixels"):
        metrics.scores(estimate, truth, ALL)
    with pytest.raises(ValueError, match="masked everywhere"):
        metrics.scores(truth, truth, ~ALL)


def test_single_precision_is_scored_in_double():
    estimate, truth = images()
    row = metrics.scores(estimate.astype(np.float32), truth.astype(np.float32), ALL)
    assert row == pytest.approx(metrics.scores(estimate, truth, ALL), rel=1e-5)


def test_peaks():
    image = np.zeros((9, 9))
    image[2, 2], image[2, 3], image[6, 6], image[0, 8] = 3.0, 2.9, 1.0, 2.0
    mask = np.ones_like(image, dtype=bool)
    assert metrics.count_peaks(image, mask, 0.5) == 3
    assert metrics.count_peaks(image, mask, 1.5) == 2
    assert metrics.count_peaks(image, mask, 3.0) == 0
    mask[2, 2] = False  # its neighbour is now the highest in sight
    assert metrics.count_peaks(image, mask, 2.5) == 1


def bands(estimate, truth, pixel, count=8):
    edges = np.linspace(0, np.pi * np.sqrt(2) / pixel * 1.0001, count + 1)
    return edges, metrics.band_powers(estimate, truth, pixel, edges)


def test_white_noise_has_a_flat_spectrum():
    pixel, rng = np.deg2rad(2.0 / 60), np.random.default_rng(2)
    maps = 0.3 * rng.standard_normal((300, 2, 32, 32))
    powers = [bands(a, b, pixel)[1] for a, b in maps]
    mean = {name: np.mean([row[name] for row in powers], axis=0) for name in ("estimate", "truth", "cross")}
    assert mean["estimate"] == pytest.approx(0.09 * pixel**2, rel=0.05)
    assert mean["truth"] == pytest.approx(0.09 * pixel**2, rel=0.05)
    assert np.abs(mean["cross"]).max() < 0.05 * 0.09 * pixel**2


def test_the_power_of_all_modes_is_the_variance():
    pixel, (estimate, truth) = 0.01, images()
    height, width = ALL.shape
    edges, powers = bands(estimate, truth, pixel)
    ell = 2 * np.pi / pixel * np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :])
    modes = np.histogram(ell, edges)[0]
    area = height * width * pixel**2
    assert (powers["estimate"] * modes).sum() / area == pytest.approx(np.mean(estimate**2))
    assert (powers["cross"] * modes).sum() / area == pytest.approx(np.mean(estimate * truth))


def test_one_wave_falls_in_its_bin():
    y = np.arange(32)
    wave = np.cos(2 * np.pi * 4 * y / 32)[:, None] * np.ones(32)
    edges = 2 * np.pi / 32 * np.array([0.5, 3.5, 4.5, 9.01, 9.05])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        powers = metrics.band_powers(2 * wave, wave, 1.0, edges)
    assert powers["truth"][0] == pytest.approx(0.0, abs=1e-20)
    assert powers["truth"][1] > 0
    assert powers["estimate"][1] == pytest.approx(4 * powers["truth"][1])
    assert powers["cross"][1] == pytest.approx(2 * powers["truth"][1])
    assert np.isnan(powers["truth"][3])  # a bin without modes
