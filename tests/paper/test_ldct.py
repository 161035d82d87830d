"""Table I and Figure 3 at smoke scale."""

import h5py
import numpy as np
import pandas as pd
import pytest

MODELS = ["identity", "drunet", "lofi_plain"]


def test_the_table_has_every_model_on_every_split(built):
    table = pd.read_csv(built / "tables/table1.csv").set_index("model")
    assert list(table.index) == MODELS
    assert list(table["chest_slices"]) == [4] * 3
    assert list(table["brain_slices"]) == [3] * 3
    measures = [f"{split}_{measure}" for split in ("chest", "brain") for measure in ("psnr", "ssim")]
    assert np.isfinite(table[measures]).all(axis=None)
    scores = pd.read_csv(built / "scores/ldct/identity.csv")
    assert table.loc["identity", "chest_psnr"] == pytest.approx(
        scores.query("split == 'chest'")["psnr"].mean(), rel=1e-5
    )


def test_what_is_drawn_and_printed_is_there(built):
    for name in ("figures/fig03.png", "figures/fig03.pdf"):
        assert (built / name).stat().st_size > 5000
    assert "13.9" in (built / "tables/table1_paper.csv").read_text()
    assert "13.9" not in (built / "tables/table1.csv").read_text()
    assert (built / "tables/table1.tex").read_text().count(r"\pm") == 3 * 4


def test_slices_are_observed_as_their_record_says(built):
    with h5py.File(built / "data/ldct/chest/0001.h5") as file:
        assert file["observed"].shape == file["truth"].shape == (2, 1, 64, 64)
        for observed, truth in zip(file["observed"][:, 0], file["truth"][:, 0], strict=True):
            assert np.corrcoef(observed.ravel(), truth.ravel())[0, 1] > 0.9
            assert 0.02 < np.sqrt(np.mean((observed - truth) ** 2)) / np.ptp(truth) < 0.12
