"""The built results of the default run: what the project claims of its dark-matter maps.

Skipped where nothing is built, or where the built run is not the laptop scale.
"""

from pathlib import Path

import pandas as pd
import pytest
import yaml

RESULTS = Path(__file__).parents[2] / "results"


@pytest.fixture(scope="module")
def config():
    path = RESULTS / "config.yaml"
    if not path.exists() or not (RESULTS / "tables" / "mass_paired.csv").exists():
        pytest.skip("no results are built; `make run` builds them")
    config = yaml.safe_load(path.read_text())
    if config["experiments"]["mass"]["splits"]["train"]["source"] != "nbody":
        pytest.skip("the built results are of another scale")
    return config


@pytest.fixture(scope="module")
def paired(config):
    return pd.read_csv(RESULTS / "tables" / "mass_paired.csv").set_index(["reference", "model", "split"])


@pytest.fixture(scope="module")
def scores(config):
    return pd.read_csv(RESULTS / "tables" / "mass.csv").set_index(["model", "split"])


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
