"""Slices, their scores and their table, as the rules make them from files."""

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lofi.io import hdf5
from workflow.scripts import slices as script
from workflow.scripts.score_pictures import score_pictures
from workflow.scripts.tables.table1 import table1

PRINTED = Path(__file__).parents[2] / "workflow/resources/table1_paper.csv"


def slices(folder, source, split, shard="0000", pixels=32):
    output = folder / f"{shard}.h5"
    params = {"source": source, "split": split, "field": {"pixels": pixels}, "name": ["root", "ldct", "test"]}
    script.slices(maps=output, shard=shard, **params)
    return hdf5.read(output, "images")


@pytest.mark.parametrize(("kind", "word"), [("chest", "simulated chests"), ("brain", "simulated heads")])
def test_simulated_slices_say_so_and_do_not_depend_on_their_shard(tmp_path, kind, word):
    record, whole = slices(tmp_path, {"kind": kind}, {"maps": 3})
    assert record["simulated"] is True
    assert word in record["description"]
    assert "stand-in" in record["description"]
    record, part = slices(tmp_path, {"kind": kind}, {"maps": 3, "shards": 2}, "0001")
    np.testing.assert_array_equal(part, whole[1:])
    assert record["shard"]["images"] == [1, 3]


def test_real_slices_are_spread_over_their_range(tmp_path):
    levels = np.arange(1, 10)
    with h5py.File(tmp_path / "ground_truth_test_000.hdf5", "w") as file:
        file["data"] = np.tile(levels[:, None, None] / 10, (1, 362, 362)) * np.linspace(0, 1, 362)
    source = {"kind": "lodopab", "folder": str(tmp_path), "part": "test"}
    record, images = slices(tmp_path, source, {"maps": 3, "slices": [0, 8]})
    np.testing.assert_allclose(images[:, 0, -1], [0.1, 0.5, 0.9], rtol=0.05)
    assert record["simulated"] is False
    assert record["description"].startswith("LoDoPaB-CT")


def test_a_folder_of_pictures_is_a_source(tmp_path):
    ramp = np.tile(np.arange(64, dtype=np.uint8), (64, 1))
    Image.fromarray(ramp).save(tmp_path / "head.png")
    source = {"kind": "slices", "path": str(tmp_path), "values": [0, 255]}
    record, images = slices(tmp_path, source, {"maps": 1, "slices": [0, 0]})
    np.testing.assert_allclose(images[0, 0], np.arange(0.5, 64, 2) / 255, rtol=1e-5)
    assert record["simulated"] is False


def test_scores_know_the_range_of_each_truth(tmp_path):
    rng = np.random.default_rng(0)
    truth = rng.random((2, 1, 32, 32)).astype(np.float32) * np.array([1, 4], np.float32)[:, None, None, None]
    data, estimates = tmp_path / "chest" / "0000.h5", tmp_path / "estimates.h5"
    data.parent.mkdir()
    hdf5.write(data, {"shard": {"truth": [0, 2]}}, truth=truth)
    hdf5.write(estimates, {"shard": {"chest": [0, 2]}}, chest=truth + 0.1)
    files = {"data": [data], "reconstructions": [estimates], "scores": tmp_path / "scores.csv"}
    score_pictures(model="lofi_plain", experiment={"task": "tomography"}, **files)
    rows = pd.read_csv(tmp_path / "scores.csv")
    assert list(rows.columns) == ["model", "split", "image", "rmse", "psnr", "ssim"]
    np.testing.assert_allclose(rows["rmse"], 0.1, rtol=1e-5)
    np.testing.assert_allclose(rows["psnr"], 20 * np.log10(np.ptp(truth, (1, 2, 3)) / 0.1), rtol=1e-5)
    hdf5.write(estimates, {"shard": {"chest": [0, 2]}}, chest=truth * np.nan)
    with pytest.raises(ValueError, match="image 0 of chest that lofi_plain reconstructed contains NaN"):
        score_pictures(model="lofi_plain", experiment={"task": "tomography"}, **files)


def test_the_table_keeps_measured_and_printed_values_apart(tmp_path):
    scores = pd.DataFrame(
        {
            "model": ["identity"] * 4,
            "split": ["chest", "chest", "brain", "brain"],
            "image": [0, 1, 0, 1],
            "psnr": [20.0, 22.0, 10.0, 10.0],
            "ssim": [0.5, 0.7, 0.1, 0.1],
        }
    )
    scores.to_csv(tmp_path / "scores.csv")
    outputs = {"summary": "table1.csv", "printed": "paper.csv", "latex": "table1.tex", "page": "table1.html"}
    outputs = {key: tmp_path / name for key, name in outputs.items()}
    table1(scores=[tmp_path / "scores.csv"], paper=PRINTED, **outputs)
    (row,) = pd.read_csv(outputs["summary"]).to_dict("records")
    assert row["method"] == "FBP"
    assert (row["chest_psnr"], row["chest_psnr_se"], row["chest_slices"]) == pytest.approx((21.0, 1.0, 2))
    assert (row["brain_ssim"], row["brain_ssim_se"]) == pytest.approx((0.1, 0.0))
    pd.testing.assert_frame_equal(pd.read_csv(outputs["printed"]), pd.read_csv(PRINTED))
    assert r"FBP & $21.00 \pm 1.00$ & $0.600 \pm 0.100$ & $10.00" in outputs["latex"].read_text()
    page = outputs["page"].read_text()
    assert page.index("Made by this run") < page.index("Printed in the paper") < page.index("13.9")
