"""The built results of changes of coordinates at laptop scale: what is claimed. Skipped where nothing is built."""

from pathlib import Path

import pandas as pd
import pytest

RESULTS = Path(__file__).parents[2] / "results"
EXPERIMENTS = ["transposed", "rotated", "sheared"]
SPLITS = ["portraits", "instruments"]


@pytest.fixture(scope="module")
def table():
    path = RESULTS / "tables" / "warping.csv"
    if not path.exists():
        pytest.skip("the table is not built; `snakemake warping_tables` builds it")
    table = pd.read_csv(path).set_index(["experiment", "model"])
    if table["portraits_pictures"].min() < 24:
        pytest.skip("the built results are of another scale")
    return table


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_inr_lofi_learns_the_coordinates_to_a_fraction_of_a_pixel(table, experiment):
    assert table.loc[(experiment, "inr_lofi"), "coordinates_rms"] < 0.4


@pytest.mark.parametrize("experiment", EXPERIMENTS)
@pytest.mark.parametrize("split", SPLITS)
def test_no_convolutional_network_comes_near_it(table, experiment, split):
    own = table.loc[experiment][f"{split}_psnr"]
    assert own["inr_lofi"] > own.drop("inr_lofi").max() + 5
