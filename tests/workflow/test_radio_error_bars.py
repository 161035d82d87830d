"""The rule that makes the error field of a prior for radio images: from seeds, for its prior."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from lofi.priors.record import read_record
from lofi.radio.error_field import RECORD, load_errors
from simulations.textures import TEXTURES, texture
from workflow.configuration import assemble, load
from workflow.inputs import calibrated_priors, priors_of_images
from workflow.scripts import radio_error_bars as script

FOLDER = Path(__file__).parents[2] / "config"


def test_an_error_field_is_made_from_seeds_and_serves_its_prior(denoiser_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "KINDS", ((32, 2),))
    monkeypatch.setattr(script, "ITERATIONS", 4)
    monkeypatch.setattr(script, "with_precision", lambda denoiser, precision: (denoiser, []))
    made = []
    for number in range(3):
        folder = Path(shutil.copytree(denoiser_folder, tmp_path / str(number)))
        script.radio_error_bars(
            weights=folder / "model.safetensors",
            record=folder / "model.json",
            errors_record=folder / RECORD,
            coverages=2,
            name=["a", "b"] if number else ["another"],
        )
        assert "4 simulated skies of 2 coverages" in load_errors(folder, read_record(folder))[1]["description"]
        made.append((folder / RECORD).read_bytes())
    assert made[1] == made[2] != made[0]


def test_priors_for_images_have_error_fields_of_their_own():
    config = assemble(load(FOLDER / "config.yaml"), FOLDER)
    assert priors_of_images(config) == ["radio"]
    assert not set(priors_of_images(config)) & set(calibrated_priors(config))


@pytest.mark.parametrize("number", range(3))
def test_skies_are_of_many_textures_and_from_their_seeds(number):
    first, kind = texture(32, "textures", number)
    again, _ = texture(32, "textures", number)
    assert np.array_equal(first, again)
    assert kind in TEXTURES
    assert (first.shape, first.max(), bool(first.min() >= 0)) == ((32, 32), 1.0, True)
