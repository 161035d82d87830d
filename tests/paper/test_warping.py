"""Figure 8, the figure of the geometry and their table at smoke scale."""

import h5py
import numpy as np
import pandas as pd

MODELS = {
    "transposed": ["identity", "unet_warped", "inr_lofi"],
    "rotated": ["identity", "inr_lofi"],
    "sheared": ["identity", "inr_lofi"],
}


def test_the_table_has_every_model_in_every_experiment(built):
    table = pd.read_csv(built / "tables/warping.csv")
    expected = [(experiment, model) for experiment, models in MODELS.items() for model in models]
    assert list(zip(table["experiment"], table["model"], strict=True)) == expected
    measures = [f"{split}_{measure}" for split in ("portraits", "instruments") for measure in ("psnr", "ssim")]
    assert np.isfinite(table[measures]).all(axis=None)
    assert list(table["portraits_pictures"]) == [3] * 7
    assert (table["coordinates_rms"].notna() == (table["model"] == "inr_lofi")).all()
    assert (built / "tables/warping.tex").read_text().count(r"\pm") == 7 * 4


def test_pictures_are_drawn(built):
    for name in ("fig08", "fig08_geometry"):
        for form in ("png", "pdf"):
            assert (built / f"figures/{name}.{form}").stat().st_size > 5000


def test_sixty_steps_bring_the_coordinates_nearer(built):
    for name in MODELS:
        row = pd.read_csv(built / f"coordinates/{name}/inr_lofi.csv").iloc[0]
        assert row["rms"] < row["identity_rms"]


def test_transposes_are_what_is_observed(built):
    with h5py.File(built / "data/transposed/instruments/0000.h5") as file:
        np.testing.assert_array_equal(file["observed"][()], file["truth"][()].swapaxes(-1, -2))
