"""The built results of the default run: what the project claims of its dark-matter maps."""

import pytest


@pytest.fixture(scope="module")
def paired(results):
    return results.table("mass_paired", "reference", "model", "split")


@pytest.fixture(scope="module")
def scores(results):
    return results.table("mass", "model", "split")


def test_the_field_beats_the_wiener_filter(paired):
    row = paired.loc[("wiener", "lofi", "test")]
    assert row["boxes"] >= 2
    assert row["rmse_percent"] < -3.0
    assert row["rmse_percent"] + 2 * row["rmse_percent_box_se"] < -3.0


def test_the_field_beats_the_pointwise_curve(paired):
    row = paired.loc[("wiener_curve", "lofi", "test")]
    assert row["rmse_percent"] + 2 * row["rmse_percent_box_se"] < -0.5


def test_the_field_keeps_up_with_the_convolutional_network(scores):
    assert scores.loc[("lofi", "test"), "rmse"] < 1.003 * scores.loc[("unet", "test"), "rmse"]


def test_correlation_orders_the_models(scores):
    r = scores["pearson_r"].xs("test", level="split")
    assert r["lofi"] > r["wiener_curve"] > r["wiener"] > r["identity"]


def test_nothing_beats_the_wiener_filter_on_gaussian_maps(paired):
    rows = paired.xs("wiener", level="reference").xs("gaussian", level="split")
    assert (rows["rmse_percent"] > -0.2).all()


def test_the_noise_channel_pays_on_surveys_of_varying_depth(paired):
    row = paired.loc[("wiener", "lofi", "survey")]
    assert row["rmse_percent"] + 2 * row["rmse_percent_box_se"] < -2.0
    row = paired.loc[("wiener_curve", "lofi", "survey")]
    assert row["rmse_percent"] + 2 * row["rmse_percent_box_se"] < -0.3
