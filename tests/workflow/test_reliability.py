"""Coverage of error bars: bars that are right, bars that are wrong in a part of the pixels, the rule on a few maps."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from lofi.io import hdf5
from lofi.lensing.error_bars import QUANTILES, ErrorBars
from lofi.lensing.error_files import files_of, save_errors
from lofi.priors.record import read_record
from workflow.configuration import assemble, load
from workflow.scripts.coverage import coverage, coverage_table, judged
from workflow.scripts.figures import error_maps, reliability_figure

CONFIG = Path(__file__).parents[2] / "config"
EXPERIMENT = {
    "task": "lensing",
    "field": {"extent_arcmin": 64.0, "pixels": 32, "pixel_arcmin": [0.5, 4.0], "redshift": [0.4, 1.5]},
    "observation": {"galaxy_density": 30.0, "ellipticity_dispersion": {"value": 0.3, "of": "per_component"}},
}


def pixels(number, width=1.0, count=50_000):
    """A map whose errors are standard normal, in units of a scale, times `width` in the shallower half."""
    generator = torch.Generator().manual_seed(number)
    error, estimate = torch.randn(2, count, generator=generator)
    noise = torch.linspace(0.1, 0.4, count)[torch.randperm(count, generator=generator)]
    error[noise > noise.median()] *= width
    values = {"error": error, "scale": torch.full((count,), 0.02), "estimate": estimate, "noise": noise}
    values["distance"] = torch.rand(count, generator=generator)
    quantiles = torch.special.ndtri(torch.tensor(QUANTILES)).expand(count, -1)
    return judged(values, quantiles, torch.ones(count), number, 1.0 + number, one_galaxy=0.36)


def test_bars_that_are_right_cover_what_they_say_everywhere():
    table = coverage_table(pd.concat([pixels(0), pixels(1)], ignore_index=True))
    assert table["coverage_90"].to_numpy() == pytest.approx(0.9, abs=0.03)
    assert table["coverage_68"].to_numpy() == pytest.approx(0.68, abs=0.045)
    assert table["ratio"].to_numpy() == pytest.approx(1, abs=0.07)
    whole = table[table["by"] == "all"].iloc[0]
    assert whole["pixels"] == 100_000
    assert whole["width_68"] == pytest.approx(0.02 * (0.8064 + 1.2265), rel=1e-3)
    assert list(table["by"].value_counts()[["estimate", "map", "highest"]]) == [10, 2, 1]


def test_where_the_noise_makes_them_wrong_the_table_says_so_and_nowhere_else():
    table = coverage_table(pixels(0, width=2.0))
    density = table[table["by"] == "density"]
    assert density["middle"].iloc[0] == pytest.approx(0.36 / 0.385**2, rel=0.01)  # the shallowest tenth
    assert (density["coverage_90"].iloc[:5] < 0.7).all()
    assert density["coverage_90"].iloc[5:].to_numpy() == pytest.approx(0.9, abs=0.02)
    assert table[table["by"] == "estimate"]["coverage_90"].std() < 0.02


def test_the_rule_draws_the_maps_and_their_coverage(sky_prior, tmp_path, monkeypatch):
    folder = Path(shutil.copytree(sky_prior, tmp_path / "prior"))
    save_errors(folder, ErrorBars(4), 4, read_record(folder), description="of a test")
    rng, truth = np.random.default_rng(0), np.zeros((3, 1, 32, 32), dtype=np.float32)
    observed = np.empty((3, 5, 32, 32), dtype=np.float32)
    observed[:, :2], observed[:, 2], observed[:, 3], observed[:, 4] = rng.normal(0, 0.1, (3, 2, 32, 32)), 0.1, 2.0, 0.9
    observed[:, 2, :4] = np.inf
    truth[:] = 0.01 * rng.standard_normal(truth.shape)
    record = {"shard": {"observed": [0, 3], "truth": [0, 3]}}
    hdf5.write(tmp_path / "data.h5", record, observed=observed, truth=truth)
    table, panels = tmp_path / "table.csv", tmp_path / "panels.h5"
    files = {"data": [tmp_path / "data.h5"], "weights": folder / "model.safetensors", "errors": files_of(folder)[1]}
    coverage(**files, experiment=EXPERIMENT, number=1, table=table, panels=panels)
    lines = pd.read_csv(table)
    assert lines["pixels"].iloc[0] == 3 * 28 * 32
    assert lines[lines["by"] == "density"]["middle"].to_numpy() == pytest.approx(0.3**2 / (0.1 * 2) ** 2)
    shown = hdf5.read(panels, "panels")[1]
    assert np.isnan(shown[:, :4]).all()
    assert shown[0, 4:] == pytest.approx(truth[1, 0, 4:] - truth[1, 0, 4:].mean(), abs=1e-6)
    titles = []
    for module, given in ((reliability_figure, {"table": table}), (error_maps, {"panels": panels})):
        monkeypatch.setattr(module, "save", lambda figure, _: titles.extend(axes.get_title() for axes in figure.axes))
        getattr(module, module.__name__.rpartition(".")[2])(**given, png=tmp_path, pdf=tmp_path)
    assert {"truth", "estimate", "its error", "signal to noise"} <= set(titles)


def test_the_boxes_that_judge_made_nothing():
    splits = assemble(load(CONFIG / "config.yaml"), CONFIG)["experiments"]["surveys"]["splits"]
    for name in ("train", "validation", "calibration"):
        assert not set(splits["reliability"]["boxes"]) & set(splits[name]["boxes"])
