"""The rule that fits error bars to skies of the sphere: from seeds, for their prior; what ships is of that recipe."""

import shutil
from pathlib import Path

import healpy as hp
import numpy as np
import pytest
import torch

from lofi.io import hdf5
from lofi.lensing.error_bars import ErrorBars
from lofi.lensing.error_files import files_of, load_errors, save_errors
from lofi.priors.record import read_record
from lofi.priors.shipped import SHIPPED
from lofi.sphere.error_files import name_at
from workflow.configuration import assemble, load
from workflow.inputs import SPHERE_BOXES, SPHERE_NSIDES, calibrated_priors
from workflow.scripts import sphere_error_bars as script

NSIDE = 32
FOLDER = Path(__file__).parents[2] / "config"


@pytest.fixture
def skies(tmp_path):
    """Two skies of white coefficients, as the rule `error_bars_sky` leaves them."""
    files, size = {}, hp.Alm.getsize(2 * NSIDE)
    for number, part in enumerate(SPHERE_BOXES):
        rng = np.random.default_rng(number)
        files[part] = tmp_path / f"{part}.h5"
        kappa = 1e-4 * (rng.standard_normal(size) + 1j * rng.standard_normal(size))
        kappa[: 2 * NSIDE + 1] = kappa[: 2 * NSIDE + 1].real  # m = 0
        kappa[:2] = kappa[2 * NSIDE + 1] = 0  # monopole and dipole
        hdf5.write(files[part], {"nside": NSIDE}, kappa=kappa)
    return files


def test_they_are_made_from_seeds_and_serve_their_prior(skies, sky_prior, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "STEPS", 3)
    monkeypatch.setattr(script, "PIXELS", 2000)
    monkeypatch.setitem(script.SURVEY, "holes", 20)
    made = []
    for number in range(3):
        folder = Path(shutil.copytree(sky_prior, tmp_path / str(number)))
        torch.manual_seed(0)
        save_errors(folder, ErrorBars(8), 8, read_record(folder), description="of the plane")
        files = [path for name in ("errors", name_at(NSIDE)) for path in files_of(folder, name)]
        script.sphere_error_bars(
            weights=folder / "model.safetensors",
            record=folder / "model.json",
            **dict(zip(("errors_record", "errors", "sphere_record", "sphere_errors"), files, strict=True)),
            boxes={"training": [0], "calibration": [1]},
            redshift=0.9,
            name=["a", "b"] if number else ["another"],
            threads=1,
            **skies,
        )
        _, record = load_errors(folder, read_record(folder), name_at(NSIDE))
        assert record["description"] == "quantiles calibrated on 2,000 pixels of N-body boxes [1] at Nside 32"
        made.append(files[3].read_bytes())
    assert made[1] == made[2] != made[0]


@pytest.mark.parametrize("nside", SPHERE_NSIDES)
def test_what_ships_was_made_by_the_recipe_of_today(nside):
    folder, config = SHIPPED / "convergence", assemble(load(FOLDER / "config.yaml"), FOLDER)
    _, record = load_errors(folder, read_record(folder), name_at(nside))
    assert calibrated_priors(config) == ["convergence"]
    assert record["seed"] == [config["seed"], "convergence", name_at(nside)]
    assert record["survey"] == script.SURVEY
    assert record["boxes"] == SPHERE_BOXES


def test_skies_that_calibrate_share_no_box_with_those_that_train():
    assert not set(SPHERE_BOXES["training"]) & set(SPHERE_BOXES["calibration"])
