"""Figures 7 and S5 and their tables at smoke scale."""

import h5py
import numpy as np
import pandas as pd
import pytest

MODELS = ["identity", "lofi_geometry_0", "lofi_geometry_2", "lofi_geometry_filter"]


def test_the_table_has_every_model_and_compares_it_with_no_step(built):
    table = pd.read_csv(built / "tables/geometry.csv").set_index("model")
    assert list(table.index) == MODELS
    assert table.loc["lofi_geometry_0", "portraits_gain"] == 0
    psnr = pd.read_csv(built / "scores/geometry/lofi_geometry_2.csv").query("split == 'instruments'")["psnr"]
    assert table.loc["lofi_geometry_2", "instruments_psnr"] == pytest.approx(psnr.mean(), rel=1e-5)
    measures = [
        f"{kind}_{name}" for kind in ("edge", "corner", "flat") for name in ("relative", "turned", "elongation")
    ]
    assert np.isfinite(table.loc[MODELS[1:], measures]).all(axis=None)
    assert table.loc["identity", measures].isna().all()
    assert list(table.loc["lofi_geometry_0", ["edge_relative", "corner_relative", "flat_relative"]]) == [1, 1, 1]
    steps = pd.read_csv(built / "tables/geometry_steps.csv")
    assert list(steps.query("model == 'lofi_geometry_2' and kind == 'edge'")["t"]) == [0, 1, 2]


def test_positions_are_those_of_every_step(built):
    with h5py.File(built / "geometry/lofi_geometry_2.h5") as file:
        offsets, places = file["offsets"][()], file["places"][()]
    assert offsets.shape == (6 * 3 * 3, 3, 81, 2)  # pictures, kinds, pixels of each; t = 0, 1, 2
    assert (offsets[:, 0] == offsets[0, 0]).all()
    assert (offsets[:, 2] != offsets[0, 2]).any()
    assert np.abs(offsets - offsets[0, 0]).max() <= 4
    assert places[:, 3:].min() >= 8
    assert places[:, 3:].max() < 24


def test_the_filter_is_measured(built):
    table = pd.read_csv(built / "tables/filter.csv").set_index("kernel")
    assert list(table.index) == ["filter", "change", "even"]
    assert table.loc["filter", "centre"] > 0.9
    assert table.loc["change", "energy"] > 0
    assert (table["radius_50"] <= table["radius_99"]).all()


def test_what_is_drawn_and_printed_is_there(built):
    for name in ("fig07", "figS05"):
        for form in ("png", "pdf"):
            assert (built / f"figures/{name}.{form}").stat().st_size > 5000
    text = (built / "tables/geometry.tex").read_text()
    assert text.count(r"\pm") == 4 * 4 + 3 * 6
    assert "T = 2" in text
    assert "T = 2" in (built / "tables/geometry.html").read_text()
