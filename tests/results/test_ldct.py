"""The built results of low-dose CT at laptop scale: what is claimed of Table I. Skipped where nothing is built."""

from pathlib import Path

import pandas as pd
import pytest

RESULTS = Path(__file__).parents[2] / "results"


@pytest.fixture(scope="module")
def table():
    path = RESULTS / "tables" / "table1.csv"
    if not path.exists():
        pytest.skip("Table I is not built; `snakemake table1` builds it")
    table = pd.read_csv(path).set_index("model")
    if table["chest_slices"].min() < 100:
        pytest.skip("the built results are of another scale")
    return table


def test_networks_remove_noise_from_chests(table):
    networks, observed = table.drop(index="identity"), table.loc["identity"]
    assert (networks["chest_psnr"] > observed["chest_psnr"] + 2).all()
    assert (networks["chest_ssim"] > observed["chest_ssim"] + 0.1).all()


def test_the_noise_of_the_slices_is_about_that_of_the_paper_s(table):
    assert table.loc["identity", ["chest_psnr", "brain_psnr"]].tolist() == pytest.approx([26, 26], abs=2.5)
