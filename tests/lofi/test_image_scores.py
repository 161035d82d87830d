"""Scores of positive images in cases known by hand; bands add up to the whole; bad input is refused."""

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from lofi.image_scores import band_snr, image_scores, tapered

EDGE = 1.3


def sky(seed=1, shape=(40, 36)):
    rng = np.random.default_rng(seed)
    return rng.exponential(size=shape) ** 2


def test_a_known_fraction_of_the_truth_is_lost():
    truth = sky()
    row = image_scores(0.9 * truth, truth)
    assert row["snr"] == pytest.approx(20.0)
    assert row["flux_ratio"] == pytest.approx(0.9)
    assert row["psnr"] == pytest.approx(20 * np.log10(truth.max() / np.sqrt(np.mean((0.1 * truth) ** 2))))


def test_scores_do_not_depend_on_the_unit():
    truth = sky()
    estimate = truth + 0.3 * np.random.default_rng(2).standard_normal(truth.shape)
    assert image_scores(7e-4 * estimate, 7e-4 * truth) == pytest.approx(image_scores(estimate, truth))
    assert band_snr(7e-4 * estimate, 7e-4 * truth, EDGE) == pytest.approx(band_snr(estimate, truth, EDGE))


def test_psnr_and_ssim_have_the_peak_as_data_range():
    truth = 1.0 + sky()  # the least is not 0, so that max − min would be another range
    estimate = truth + 0.5
    row = image_scores(estimate, truth)
    assert row["psnr"] == pytest.approx(20 * np.log10(truth.max() / 0.5))
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": truth.max()}
    assert row["ssim"] == pytest.approx(structural_similarity(truth, estimate, full=True, **options)[1].mean())


def test_faint_structure_counts_in_the_logarithm():
    truth = np.zeros((16, 16))
    truth[8, 8], truth[2, 2] = 1.0, 0.009  # log10(1 + 1000 x) = 3.0004, 1
    estimate = truth.copy()
    estimate[2, 2] = 0.0
    row = image_scores(estimate, truth)
    assert row["snr"] == pytest.approx(10 * np.log10((1 + 0.009**2) / 0.009**2))
    assert row["logsnr"] == pytest.approx(10 * np.log10((np.log10(1001) ** 2 + 1) / 1))


def test_negative_estimates_count_as_none_in_the_logarithm_alone():
    truth = np.where(sky() > 1, sky(), 0.0)
    estimate = np.where(truth == 0, -0.2, truth)
    row = image_scores(estimate, truth)
    assert row["logsnr"] == np.inf
    assert row["snr"] < 40


def test_a_perfect_image():
    row = image_scores(sky(), sky())
    assert row == {"snr": np.inf, "psnr": np.inf, "ssim": 1.0, "logsnr": np.inf, "flux_ratio": 1.0}


def test_one_wave_lies_on_one_side_of_the_edge():
    columns = np.arange(64)
    truth = np.tile(2.0 + np.cos(2 * np.pi * 20 / 64 * columns), (64, 1))  # 1.96 rad per pixel, and a constant
    row = band_snr(np.full_like(truth, 2.0), truth, 1.7)
    assert row["snr_inside"] > 200
    assert row["snr_outside"] == pytest.approx(0.0, abs=1e-9)  # as of an empty image
    assert row["power_outside"] == pytest.approx(0.5 / 4.5)
    row = band_snr(np.full_like(truth, 2.0), truth, 2.2)
    assert row["snr_inside"] == pytest.approx(10 * np.log10(4.5 / 0.5))
    assert row["power_outside"] == pytest.approx(0.0, abs=1e-9)


def test_the_edge_is_a_circle_on_images_that_are_not_square():
    rows, columns = np.mgrid[:48, :96]
    for along_y, along_x, outside in ((20, 0, True), (0, 40, True), (12, 24, False), (15, 30, True), (14, 0, False)):
        truth = 2.0 + np.cos(2 * np.pi * (along_y * rows / 48 + along_x * columns / 96))  # 2.6, 2.6, 2.2, 2.8, 1.8
        share = band_snr(truth, truth, 2.4)["power_outside"]
        assert share == pytest.approx(0.5 / 4.5 if outside else 0, abs=1e-9)


def test_bands_add_up_to_the_whole():
    truth = sky()
    estimate = 1.02 * truth + 0.1 * sky(3)
    bands = band_snr(estimate, truth, EDGE)
    share = bands["power_outside"]
    errors = (1 - share) * 10 ** (-bands["snr_inside"] / 10) + share * 10 ** (-bands["snr_outside"] / 10)
    whole = np.sum(tapered(estimate - truth) ** 2) / np.sum(tapered(truth) ** 2)
    assert errors == pytest.approx(whole)


def test_the_frame_earns_no_credit():
    ramp = np.tile(np.linspace(1, 3, 128), (128, 1))  # nothing but a cut-off slope
    assert band_snr(ramp, ramp, EDGE)["power_outside"] < 1e-9


def test_without_modes_outside_there_is_nothing_to_say_of_them():
    row = band_snr(sky(), 0.9 * sky(), 10.0)
    assert np.isnan(row["snr_outside"])
    assert row["power_outside"] == 0


@pytest.mark.parametrize("score", [image_scores, lambda estimate, truth: band_snr(estimate, truth, EDGE)])
def test_bad_images_are_refused(score):
    truth = sky()
    for bad in (np.nan, np.inf):
        broken = truth.copy()
        broken[3, 4] = bad
        with pytest.raises(ValueError, match="NaN or inf"):
            score(broken, truth)
        with pytest.raises(ValueError, match="NaN or inf"):
            score(truth, broken)
    with pytest.raises(ValueError, match="expected the same"):
        score(truth[1:], truth)
    with pytest.raises(ValueError, match="expected 0 or more"):
        score(truth, truth - 1)
    with pytest.raises(ValueError, match="expected 0 or more"):
        score(truth, 0 * truth)


@pytest.mark.parametrize("edge", [0.0, -1.0, np.nan, np.inf])
def test_an_edge_is_positive(edge):
    with pytest.raises(ValueError, match="edge"):
        band_snr(sky(), sky(), edge)
