"""Observations of visibilities in the configuration: told from shear, every mistake one sentence, what jobs need."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lofi.radio import beam_correction, error_maps, products
from workflow.configuration import assemble, is_radio
from workflow.imaging import by_kinds, image_files, image_mb, image_minutes, images, kinds
from workflow.places import located
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


ERRORS = ["error", "lo68", "hi68", "lo90", "hi90", "image-error"]
ASKED = {
    "nothing by name": ({}, []),
    "auto and none": ({"spectrum": "auto", "primary_beam": "none"}, []),
    "one spectrum": ({"spectrum": "flat", "primary_beam": "auto"}, []),
    "an index": ({"spectrum": "index"}, ["alpha", "alpha-error"]),
    "dishes": ({"primary_beam": 24.5}, ["pb", "image-pb", "noise-pb"]),
    "replicas": ({"replicas": 3}, ERRORS),
    "a prior with error bars": ({"prior": "radio"}, ERRORS),
    "which are not wanted": ({"prior": "radio", "errors": False}, []),
    "both": (
        {"primary_beam": "meerkat", "spectrum": "index"},
        ["alpha", "alpha-error", "pb", "image-pb", "noise-pb", "alpha-pb"],
    ),
}


@pytest.mark.parametrize(("change", "more"), ASKED.values(), ids=ASKED.keys())
def test_images_that_an_entry_asks_for_by_name_are_outputs(change, more):
    options = assembled(**REAL | change)["observations"]["source"]
    assert images(kinds(options)) == ["dirty", "psf", "model", "residual", "image", *more]


def test_images_of_all_kinds_are_those_of_the_command():
    known = {*products.UNITS, *beam_correction.UNITS, *error_maps.UNITS, "alpha", "alpha-error"}
    assert set(images(("index", "beam", "errors"))) == known


def test_observations_of_each_kind_have_a_rule():
    entries = {
        name: REAL | change for name, change in (("a", {}), ("b", {"spectrum": "index"}), ("c", {"sigma_scale": 2.0}))
    }
    assert by_kinds(entries, entries) == {(): ["a", "c"], ("index",): ["b"]}
    assert by_kinds({}, []) == {(): []}
    assert "observations/b/image-alpha.fits" in image_files(entries, ["a", "b"])
    assert "observations/a/image-alpha.fits" not in image_files(entries, ["a", "b"])


def test_memory_and_time_grow_with_the_size_and_the_data(tmp_path):
    small, large = ({"file": "absent.ms", "pixels": pixels} for pixels in (512, [4096, 4096]))
    assert image_mb(small) < 2000 < 6000 < image_mb(large)
    assert image_mb(large | {"spectrum": "flat"}) < image_mb(large)
    assert image_minutes(small) < 30 < 150 < image_minutes(large)
    assert image_minutes(small | {"cube": 16}) > 60
    assert image_mb(small | {"cube": 16}) == image_mb(small | {"spectrum": "flat"})
    (tmp_path / "obs.ms").mkdir()
    for path in (tmp_path / "obs.ms/table.f1", tmp_path / "obs.uvfits"):
        with path.open("wb") as file:
            file.truncate(240_000_000)  # 10⁷ visibilities
    folder, file = (small | {"file": [str(tmp_path / name)]} for name in ("obs.ms", "obs.uvfits"))
    assert image_mb(folder) == image_mb(small) < image_mb(file) - 2000
    assert image_minutes(folder) == image_minutes(file) == image_minutes(small) + 100


def test_files_that_are_one_data_set():
    files = ["data/first.ms", "data/second.ms"]
    assert assembled(**REAL | {"file": files})["observations"]["source"]["file"] == files
    found = located({"observations": {"source": REAL | {"file": files}}}, FOLDER.parent)
    assert [Path(path).resolve() for path in found["observations"]["source"]["file"]] == [
        FOLDER.parent / file for file in files
    ]
    with pytest.raises(ValueError, match=r"observations\.source\.file"):
        assembled(**REAL | {"file": []})
    simulated = {"simulated": {"inversion": "radio_128", "image": 0}}
    with pytest.raises(ValueError, match="file is a list; simulated visibilities are one file"):
        assembled(**REAL | simulated | {"file": files})


def test_a_dry_run_plans_what_entries_ask_for(tmp_path):
    """Two sets as one data set, a spectral index with the prior's error bars, a beam without: rules of their own."""
    for name in ("first.ms", "second.ms"):
        (tmp_path / name).mkdir()
    entry = {"file": [str(tmp_path / name) for name in ("first.ms", "second.ms")], "pixels": 64, "prior": "radio"}
    more = {"indexed": {"spectrum": "index"}, "dished": {"primary_beam": 25.0, "errors": False}}
    config = {"observations": {name: entry | change for name, change in more.items()}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    targets = ["observations/indexed/image-alpha.fits", "observations/dished/image-pb.fits"]
    files = ["--configfile", str(FOLDER / "smoke.yaml"), str(tmp_path / "config.yaml")]
    command = [sys.executable, "-m", "snakemake", *targets, "--dry-run", "--nolock", "--cores", "1", *files]
    done = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "image_observation_index_errors " in done.stdout
    assert "image_observation_beam " in done.stdout
    assert done.stdout.count("second.ms") >= 2
