"""Observations of visibilities in the configuration: told from shear, and every mistake one sentence."""

from pathlib import Path

import pytest
import yaml

from workflow.configuration import assemble, is_radio
from workflow.scripts.image_observation import imaging_options

FOLDER = Path(__file__).parents[2] / "config"
REAL = {
    "file": "data/source.uvfits",
    "pixels": 256,
    "cell_arcsec": 1.5,
    "weighting": "briggs",
    "robust": -0.5,
    "sigma_scale": 1.2,
    "iterations": 40,
    "centre": [10.0, -20.0],
    "prior": {"experiment": "galaxies", "model": "lofi_denoiser"},
}


def assembled(**observation):
    config = yaml.safe_load((FOLDER / "config.yaml").read_text())
    return assemble(config | {"observations": {"source": observation}}, FOLDER)


def test_pixels_or_a_cell_make_an_observation_radio():
    observations = assembled(**REAL)["observations"]
    radio = {name for name, options in observations.items() if is_radio(options)}
    assert {"source", "mock_visibilities"} <= radio
    assert not radio & {"mock", "cosmos"}


def test_few_keys_are_enough():
    needed = {key: REAL[key] for key in ("file", "pixels", "prior")}
    assert assembled(**needed)["observations"]["source"] == needed


def test_its_keys_are_options_of_imaging():
    options = imaging_options(assembled(**REAL)["observations"]["source"])
    assert (options.pixels, options.robust, options.iterations, options.simulated) == (256, -0.5, 40, False)
    simulated = REAL | {"simulated": {"inversion": "radio_128", "image": 0}}
    assert imaging_options(assembled(**simulated)["observations"]["source"]).simulated


MISTAKES = {
    "misspelt": ({"wieghting": "briggs"}, "wieghting is unknown; did you mean weighting?"),
    "a key of shear": ({"e2_sign": -1}, "e2_sign is unknown"),
    "no pixels": ({"pixels": None}, "pixels is missing"),
    "few pixels": ({"pixels": 8}, "an image of 8 pixels is too small; expected at least 32"),
    "no cell": ({"cell_arcsec": 0}, "cell_arcsec"),
    "unknown weighting": ({"weighting": "robust"}, "natural, uniform or briggs"),
    "negative noise": ({"sigma_scale": -1}, "sigma_scale"),
    "one iteration": ({"iterations": 1}, "iterations"),
    "half a centre": ({"centre": [10.0]}, "centre"),
    "a lensing prior": ({"prior": {"experiment": "mass", "model": "lofi"}}, "expected one of denoising"),
    "unknown prior": ({"prior": {"experiment": "galaxies", "model": "lofi"}}, "lofi_denoiser"),
    "unknown inversion": (
        {"simulated": {"inversion": "radio", "image": 0}},
        "names 'radio', which is unknown; did you mean radio_",
    ),
    "simulated as shear": ({"simulated": {"experiment": "mass", "split": "test", "map": 0}}, "simulated"),
}


@pytest.mark.parametrize(("change", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_sentence_that_names_it(change, words):
    with pytest.raises(ValueError, match=r"^--config: observations\.source") as caught:
        assembled(**REAL | change)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_shear_needs_a_lensing_model():
    with pytest.raises(ValueError, match="expected one of lensing"):
        assembled(file="data/shear.fits", prior=REAL["prior"])
