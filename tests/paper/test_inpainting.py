"""In-painting and the probes of the denoiser at smoke scale."""

import numpy as np
import pandas as pd
import pytest

from lofi.io import hdf5

FIGURES = ["fig09", "fig09_trace", "figS02", "figS03", "figS04"]


def test_every_method_fills_every_picture_and_keeps_what_is_seen(built):
    table = pd.read_csv(built / "tables/inpainting.csv")
    assert len(table) == 2 * 2 * 5  # shares, splits, methods
    assert np.isfinite(table[["psnr", "ssim", "over_classical"]]).all(axis=None)
    record, truth, mask = hdf5.read(built / "inpaintings/kept_30/problem.h5", "truth", "mask")
    assert mask.mean() == pytest.approx(0.3, abs=0.01)
    assert record["pictures"] == ["astronaut", "camera", "grace_hopper", "retina", "ihc", "hubble_deep_field"]
    for method in table["method"].unique():
        _, images = hdf5.read(built / f"inpaintings/kept_30/{method}.h5", "images")
        np.testing.assert_array_equal(images[mask], truth[mask])
        assert images.min() >= 0
        assert images.max() <= 1


def test_the_first_level_is_the_error_of_the_start(built):
    steps = pd.read_csv(built / "inpaintings/kept_30/lofi_admm.trace.csv").query("iteration == 1")
    scores = pd.read_csv(built / "inpaintings/kept_30/biharmonic.csv")
    missing = scores["rmse"] / np.sqrt(0.7)
    np.testing.assert_allclose(steps["sigma"], missing.clip(0.001, 0.15), rtol=0.4)


def test_a_shifted_picture_is_denoised_alike(built):
    rows = pd.read_csv(built / "probes/shift.csv")
    assert rows["largest_difference"].max() < 1e-4


def test_a_picture_turned_by_quarters_is_scored_beside_others(built):
    rows = pd.read_csv(built / "probes/rotation.csv")
    assert sorted(rows["angle"].unique()) == [0, 45, 90]
    assert (rows.query("angle == 0")["rms_difference"] == 0).all()
    assert rows.query("angle == 45")["rms_difference"].isna().all()


def test_memory_is_measured(built):
    memory = pd.read_csv(built / "probes/resolution_memory.csv")
    assert list(memory["pixels"]) == [64, 256]
    assert memory["peak_mb"].is_monotonic_increasing
    assert memory["peak_mb"].iloc[-1] > 0


def test_pictures_are_drawn(built):
    for name in FIGURES:
        for form in ("png", "pdf"):
            assert (built / f"figures/{name}.{form}").stat().st_size > 5000
