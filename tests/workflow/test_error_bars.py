"""The rule that makes the error bars of a prior: files beside it, from seeds, and the maps that it takes."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from lofi.io import hdf5
from lofi.lensing.error_files import files_of, load_errors
from lofi.priors.record import read_record
from workflow.configuration import assemble, load
from workflow.inputs import calibrated_priors, calibration_files
from workflow.scripts import error_bars as script

FOLDER = Path(__file__).parents[2] / "config"
EXPERIMENT = {
    "task": "lensing",
    "field": {"extent_arcmin": 64.0, "pixels": 32, "pixel_arcmin": [0.5, 4.0], "redshift": [0.4, 1.5]},
    "observation": {"galaxy_density": 30.0, "ellipticity_dispersion": {"value": 0.3, "of": "per_component"}},
}


@pytest.fixture
def maps(tmp_path):
    """Files of 12 white maps of all pixel sizes, as the rule `maps` leaves them."""
    files, rng = {}, np.random.default_rng(0)
    for part, box in (("training", 0), ("calibration", 8)):
        sight = [[float(pixel), 0.9] for pixel in np.geomspace(0.5, 4, 12)]
        record = {"shard": {"images": [0, 12]}, "sight": sight, "box": [box] * 12}
        files[part] = [tmp_path / f"{part}.h5"]
        hdf5.write(files[part][0], record, images=0.02 * rng.standard_normal((12, 32, 32)).astype(np.float32))
    return files


def test_error_bars_are_made_from_seeds_and_serve_their_prior(maps, sky_prior, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "STEPS", 5)
    made = []
    for number in range(3):
        folder = Path(shutil.copytree(sky_prior, tmp_path / str(number)))
        described, weights = files_of(folder)
        script.error_bars(
            weights=folder / "model.safetensors",
            record=folder / "model.json",
            errors=weights,
            errors_record=described,
            experiment=EXPERIMENT,
            depth={"relative_noise": [0.5, 2.0], "nominal_fraction": 0.5, "holes": [0, 3]},
            name=["a", "b"] if number else ["another"],
            **maps,
        )
        assert load_errors(folder, read_record(folder))[1]["description"].endswith("pixels of N-body boxes [8]")
        made.append(weights.read_bytes())
    assert made[1] == made[2] != made[0]


def test_they_are_calibrated_on_boxes_that_nothing_learned_from():
    config = assemble(load(FOLDER / "config.yaml"), FOLDER)
    assert calibrated_priors(config) == ["convergence"]
    files = calibration_files(config, "convergence")
    assert files["training"] == ["maps/surveys/train/0000.h5"]
    assert files["calibration"] == ["maps/surveys/calibration/0000.h5"]
    splits = config["experiments"]["surveys"]["splits"]
    for name in ("train", "validation"):
        assert not set(splits[name]["boxes"]) & set(splits["calibration"]["boxes"])
