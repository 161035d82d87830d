"""Figures 4, 5 and S1 at smoke scale; what their entries must not ask for."""

import numpy as np
import pandas as pd

TARGETS = ["fig04", "fig05", "figS01"]


def test_the_table_has_every_network_with_both_kinds_of_noise(built):
    table = pd.read_csv(built / "tables/tiny.csv")
    assert list(zip(table["noise"], table["model"], strict=True)) == [
        (noise, model) for noise in ("fixed", "fresh") for model in ("unet_tiny", "lofi_tiny")
    ]
    assert (table["best"] >= table["last"]).all()
    assert np.isfinite(table[["best", "last", "memorised"]]).all(axis=None)
    assert list(table["last_passes"]) == [8.0] * 4  # a step of the field sees half the pixels
    assert list(table["last_step"]) == [8, 16, 8, 16]


def test_pictures_are_drawn(built):
    for name in TARGETS:
        for form in ("png", "pdf"):
            assert (built / f"figures/{name}.{form}").stat().st_size > 5000


def test_training_pictures_keep_their_noise_only_where_it_is_fixed(built):
    own, other = (pd.read_csv(built / f"models/{name}/unet_tiny/history.csv") for name in ("tiny", "tiny_fresh"))
    assert {"pixels", "psnr_train", "psnr_validation", "psnr_test"} <= set(own.columns) & set(other.columns)
    assert list(own["pixels"]) == [step * 9 * 16**2 for step in own["step"]]
