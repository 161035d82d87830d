"""The built results of changes of coordinates of the default run: what is claimed of them."""

import pytest

EXPERIMENTS = ["transposed", "rotated", "sheared"]
SPLITS = ["portraits", "instruments"]


@pytest.fixture(scope="module")
def table(results):
    return results.table("warping", "experiment", "model")


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_inr_lofi_learns_the_coordinates_to_a_fraction_of_a_pixel(table, experiment):
    assert table.loc[(experiment, "inr_lofi"), "coordinates_rms"] < 0.4


@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.parametrize("split", SPLITS)
def test_no_convolutional_network_comes_near_it(table, experiment, split):
    own = table.loc[experiment][f"{split}_psnr"]
    assert own["inr_lofi"] > own.drop("inr_lofi").max() + 5
