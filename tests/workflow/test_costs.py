"""Costs of training: cells in processes of their own, limits as values, tables of what was measured."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from workflow.configuration import assemble
from workflow.cost_tables import growth_of, wide
from workflow.costs import COLUMNS, cell_options, cost_files, measure

ROOT = Path(__file__).parents[2]
IMAGES = {"inputs": {"channels": "all", "residual": "observed"}}
DNCNN = IMAGES | {"class": "dncnn", "features": 16, "layers": 8, "training": {"steps": 5}}
LOFI = IMAGES | {
    "class": "lofi",
    "geometry": {"kind": "circular", "rings": 3, "angles": 5},
    "network": {"kind": "multimlp", "width": 8, "depth": 1, "chunk_outputs": 4},
    "pixels": 64,
    "training": {"steps": 5, "microbatch": 1, "repeats": 2},
}
COST = {
    "channels": ["image"],
    "objects": 2,
    "batches": 1,
    "training_images": 101,
    "memory_limit_gb": 2.0,
    "time_limit_s": 60,
}


def cell(description, pixels, **changes):
    return measure("some", description, pixels, COST | changes, "cpu", 1)


@pytest.fixture(scope="module")
def rows():
    cells = [measure(*pair, COST, "cpu", 1) for pair in (("dncnn", DNCNN, 32), ("dncnn", DNCNN, 256))]
    return {row["pixels"]: row for row in cells}


def test_a_cell_says_what_was_measured(rows):
    row = rows[256]
    assert list(row) == COLUMNS
    assert row["outcome"] == "ok"
    assert row["device"] == "cpu"
    assert row["parameters"] == 9 * 16 + 16 + 6 * (9 * 16**2 + 32) + 9 * 16 + 1
    assert row["images_gb"] == pytest.approx(2 * 2 * 256**2 * 4 / 1e9)
    assert row["epoch_seconds"] == pytest.approx(51 * row["batch_seconds"])  # the last batch is half full
    assert row["microbatch"] == 0
    assert 0 < row["processor_seconds"] < 1.5 * row["batch_seconds"]  # of one thread


def test_memory_is_that_of_the_activations(rows):
    """Backpropagation keeps what enters each of 6 normalisations and 7 convolutions: 13 · 2 · 16 images of 256²."""
    kept = 13 * 2 * 16 * 256**2 * 4 / 1e9
    assert kept < rows[256]["peak_gb"] < 3 * kept
    assert rows[32]["peak_gb"] < 0.5 * rows[256]["peak_gb"]


def test_the_field_trains_in_its_microbatches_and_repeats():
    row = cell(LOFI, 32)
    assert (row["outcome"], row["microbatch"]) == ("ok", 1)
    assert cell(LOFI, 32, microbatch=2)["microbatch"] == 2


def test_too_little_memory_is_a_value():
    row = cell(DNCNN, 256, memory_limit_gb=0.06)
    assert row["outcome"] == "memory"
    assert row["parameters"] > 0
    assert row["peak_gb"] is row["batch_seconds"] is row["epoch_seconds"] is None


def test_too_little_time_is_a_value():
    row = cell(DNCNN, 128, batches=100000, time_limit_s=1)
    assert row["outcome"] == "time"
    assert row["batch_seconds"] is None


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"class": "identity"}, "cost of some at 32²: it learns nothing, so that its training has no cost"),
        (DNCNN | {"feature": 3}, "cost of some at 32²: model of class dncnn: unknown argument feature"),
    ],
)
def test_what_cannot_be_trained_is_one_sentence(description, message):
    """Its own, and the one of whoever builds the model."""
    with pytest.raises(ValueError, match=message) as caught:
        cell(description, 32)
    assert "\n" not in str(caught.value)


def test_denoisers_are_told_a_noise_level():
    row = cell({"class": "dncnn_denoiser", "features": 2, "layers": 2}, 48, channels=["image", "noise_std"])
    assert row["outcome"] == "ok"


def made_up():
    out = []
    for model, scale in (("dncnn", 4), ("lofi_plain", 1)):
        for pixels in (128, 256, 512):
            ratio = scale ** (pixels // 256)
            row = dict.fromkeys(COLUMNS) | {"model": model, "parameters": 43_000, "pixels": pixels, "outcome": "ok"}
            row |= {
                "peak_gb": 0.5 * ratio + 0.001,
                "images_gb": 0.001,
                "batch_seconds": ratio,
                "epoch_seconds": 60 * ratio,
            }
            out.append(row | {"memory_limit_gb": 4.0, "time_limit_s": 60})
    out[2] |= {"outcome": "memory", "peak_gb": None, "batch_seconds": None, "epoch_seconds": None}
    out[5] |= {"outcome": "time", "parameters": None, "peak_gb": None, "batch_seconds": None, "epoch_seconds": None}
    return pd.DataFrame(out)


def test_growth_is_between_what_was_measured():
    table = growth_of(made_up()).set_index("model")
    assert table["to_pixels"].tolist() == [256, 256]
    assert table["image_ratio"].tolist() == [4, 4]
    assert table["memory_without_images_ratio"].tolist() == pytest.approx([4, 1])
    assert table["time_ratio"].tolist() == [4, 1]


def test_growth_of_nothing_measured_has_no_rows():
    assert growth_of(made_up().assign(outcome="memory")).empty


def test_the_printed_table_says_which_limit_was_exceeded():
    table = wide(made_up(), {"dncnn": "DnCNN", "lofi_plain": "LoFi"}.get)
    assert table.columns.tolist() == ["network", "parameters", "128 × 128", "256 × 256", "512 × 512"]
    assert table.iloc[0].tolist() == ["DnCNN", "43k", "0.5 GB / 60 s", "2 GB / 240 s", "> 4 GB"]
    assert table.iloc[1, -1] == "> 60 s"


def test_cells_are_named_by_model_and_resolution():
    config = {"costs": {"c": COST | {"models": ["a", "b"], "resolutions": [16, 32]}}}
    assert cost_files(config, "c")[1:3] == ["costs/c/a.32.csv", "costs/c/b.16.csv"]
    assert cell_options(config, "c") == COST


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        ({"costs": {"table2": {"models": ["resnet"]}}}, "costs.table2.models names 'resnet', which is unknown; "),
        ({"costs": {"table2": {"batch": 64}}}, "costs.table2.batch is unknown; did you mean batches"),
        ({"costs": {"table2": {"memory_limit_gb": 0}}}, "costs.table2.memory_limit_gb is 0; expected a number above 0"),
    ],
)
def test_mistakes_in_costs_are_one_sentence(overlay, message):
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    with pytest.raises(ValueError, match=message):
        assemble(config | overlay, ROOT / "config")


def test_the_workflow_makes_table_and_figure(tmp_path):
    """Two networks, one of them over its limit, from cells to pictures."""
    overlay = {"costs": {"table2": {"models": ["drunet", "lofi_plain"], "resolutions": [256], "objects": 8}}}
    overlay["costs"]["table2"] |= {"batches": 1, "memory_limit_gb": 0.15}
    (tmp_path / "overlay.yaml").write_text(json.dumps(overlay))
    for part in ("Snakefile", "config", "workflow", "lofi", "simulations", "profiles", "envs"):
        (tmp_path / part).symlink_to(ROOT / part)
    command = [sys.executable, "-m", "snakemake", "table2", "--cores", "2", "--configfile", "overlay.yaml"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    rows = pd.read_csv(tmp_path / "results/laptop" / "tables/table2.csv").set_index(["model", "pixels"])
    assert len(rows) == 2
    assert rows.loc[("drunet", 256), "outcome"] == "memory"
    assert rows.loc[("lofi_plain", 256), "outcome"] == "ok"
    printed = pd.read_csv(tmp_path / "results/laptop" / "tables/table2_printed.csv").set_index("network")
    assert printed.loc["DRU-Net", "256 × 256"] == "> 0.15 GB"
    assert (tmp_path / "results/laptop" / "tables/table2_growth.csv").stat().st_size > 0
    assert "LoFi" in (tmp_path / "results/laptop" / "tables/table2.tex").read_text()
    for form in ("png", "pdf"):
        assert (tmp_path / "results/laptop" / f"figures/table2.{form}").stat().st_size > 5000
