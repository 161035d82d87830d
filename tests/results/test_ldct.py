"""The built results of low-dose CT of the default run: what is claimed of Table I."""

import pytest


@pytest.fixture(scope="module")
def table(results):
    return results.table("table1", "model")


def test_networks_remove_noise_from_chests(table):
    networks, observed = table.drop(index="identity"), table.loc["identity"]
    assert (networks["chest_psnr"] > observed["chest_psnr"] + 2).all()
    assert (networks["chest_ssim"] > observed["chest_ssim"] + 0.1).all()


def test_the_noise_of_the_slices_is_about_that_of_the_paper_s(table):
    assert table.loc["identity", ["chest_psnr", "brain_psnr"]].tolist() == pytest.approx([26, 26], abs=2.5)
