"""Priors that ship: they serve the commands without an option, and what is no prior is refused in one sentence."""

import json
import pickle
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lofi.cli import main
from lofi.data.crops import training_crops
from lofi.data.denoising import DenoisingObservation
from lofi.io.checkpoint import load_denoiser
from lofi.lensing.error_files import NAME, files_of
from lofi.lensing.mapping import load_lensing_model
from lofi.models.registry import build
from lofi.priors import shipped
from lofi.priors.listing import section
from lofi.priors.ranges import in_words, ranges_of
from lofi.priors.recipe import shipped_recipe
from lofi.priors.record import RECORD, read_record
from lofi.sphere.error_files import name_at
from lofi.training.recipe import Recipe, model_and_recipe


def refusal(prior, task="denoising"):
    with pytest.raises(ValueError, match="--prior") as caught:
        shipped.find(prior, task)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_each_task_has_one_that_loads():
    assert load_denoiser(shipped.find(None, "denoising"))[1]["parameters"] > 10_000
    assert load_lensing_model(shipped.find(None, "lensing"))[1]["parameters"] > 10_000
    assert set(shipped.DEFAULT.values()) <= set(shipped.names())


def test_no_prior_serves_another_task():
    assert "--prior radio was trained for visibilities; expected one for catalogues" in refusal("radio", "lensing")
    assert "such as radio" in refusal("convergence")
    assert shipped.find("convergence", "lensing") == shipped.SHIPPED / "convergence"


@pytest.fixture
def copied(tmp_path):
    return Path(shutil.copytree(shipped.SHIPPED / "radio", tmp_path / "mine"))


def test_a_copy_serves_and_other_weights_or_formats_do_not(copied):
    assert load_denoiser(shipped.find(copied, "denoising"))[1]["parameters"] > 10_000
    weights = (copied / shipped.WEIGHTS).read_bytes()
    (copied / shipped.WEIGHTS).write_bytes(weights[:-1] + bytes([weights[-1] ^ 1]))
    with pytest.raises(ValueError, match=r"holds other weights than those that model\.json was written for"):
        load_denoiser(shipped.find(copied, "denoising"))
    (copied / shipped.WEIGHTS).write_bytes(weights)
    record = read_record(copied) | {"format": 99}
    (copied / shipped.RECORD).write_text(json.dumps(record))
    with pytest.raises(ValueError, match="is of format 99; this version of lofi reads format 1"):
        load_denoiser(shipped.find(copied, "denoising"))


@pytest.mark.parametrize("task", [None, 3, ["denoising"], {"a": 1}, "tomography"])
def test_a_task_that_makes_no_sense_is_refused(copied, task):
    (copied / shipped.RECORD).write_text(json.dumps(read_record(copied) | {"task": task}))
    assert f"was trained for {task}; expected one for visibilities such as radio" in refusal(copied)


def test_a_note_names_the_folder_also_from_within(copied, monkeypatch):
    monkeypatch.chdir(copied)
    record = read_record(copied)
    kind, weights = record["model"]["class"], record["weights"][:16]
    assert shipped.note(Path(), record) == f"prior mine, {kind}, weights {weights} (SHA-256)"


@pytest.mark.parametrize("content", ["", "{", "[1]", "3", "null"])
def test_a_folder_that_is_no_prior_is_refused_where_it_is_loaded(copied, content):
    (copied / shipped.RECORD).write_text(content)
    with pytest.raises(ValueError, match=r"mine/model\.json is not a model description"):
        load_denoiser(shipped.find(copied, "denoising"))
    (copied / shipped.RECORD).unlink()
    with pytest.raises(ValueError, match=r"mine is no trained model: it has no model\.json"):
        load_denoiser(shipped.find(copied, "denoising"))


def test_each_is_whole_and_all_are_small():
    for name in shipped.names():
        fitted = [NAME, name_at(512), name_at(1024)] if name == "convergence" else []
        errors = {"errors.json", *(path.name for each in fitted for path in files_of("", each))}
        assert {path.name for path in (shipped.SHIPPED / name).iterdir()} == set(shipped.FILES) | errors
    assert sum(path.stat().st_size for path in shipped.SHIPPED.rglob("*") if path.is_file()) < 2_000_000


def test_the_recipe_of_the_denoiser_can_be_trained_again():
    recipe = shipped_recipe("denoising", steps=3, width=5)
    own = shipped_recipe("denoising")
    assert Recipe.of(recipe["model"]["training"]) == replace(Recipe.of(own["model"]["training"]), steps=3)
    options, _ = model_and_recipe(recipe["model"])
    model = build(options, ["image", "noise_std"], (32, 32))
    assert 0 < sum(weights.numel() for weights in model.parameters()) < 10_000
    assert own["images"] > 100
    assert own["field"]["pixels"] >= 32
    training_crops([np.ones((64, 64))], range(1), 1, 32, "test", **own["field"]["crops"])
    DenoisingObservation(**own["observation"])


def test_a_name_comes_before_a_folder_of_that_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("radio", "mine"):
        Path(name).mkdir()
        Path(name, RECORD).write_text("{}")
    assert shipped.find("radio", "denoising") == shipped.SHIPPED / "radio"
    warning = "warning: --prior radio is the one that ships, not the folder here; write ./radio\n"
    assert capsys.readouterr().err == warning
    assert shipped.find("./radio", "denoising") == Path("radio")
    assert shipped.find("mine", "denoising") == Path("mine")
    assert shipped.find(None, "denoising") == shipped.SHIPPED / "radio"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("folder", ["radio", "radio/", "./radio", "runs/radio"])
def test_a_folder_is_spelled_as_no_name(tmp_path, monkeypatch, capsys, folder):
    monkeypatch.chdir(tmp_path)
    Path(folder).mkdir(parents=True)
    Path(folder, RECORD).write_text("{}")
    assert shipped.find(shipped.spelled(Path(folder)), "denoising") == Path(folder)
    assert capsys.readouterr().err == ""


def test_a_note_says_whether_a_prior_ships(copied):
    record = read_record(copied)
    assert shipped.note(shipped.SHIPPED / "radio", record).startswith("prior radio of this package, ")
    assert shipped.note(copied.rename(copied.parent / "radio"), record).startswith("prior radio, ")


def test_unknown_names_are_refused_with_the_nearest():
    assert "--prior radoi is unknown; did you mean radio?" in refusal("radoi")
    assert "expected one of convergence, radio" in refusal("zzz")
    assert "--prior no/where does not exist" in refusal("no/where")
    assert "--prior is empty; expected one of convergence, radio, or a folder" in refusal("")


def test_without_one_for_a_task_the_sentence_says_so(monkeypatch):
    monkeypatch.delitem(shipped.DEFAULT, "sphere")
    words = "no prior for HEALPix maps and --nside comes with this version; train one and give its folder as --prior"
    assert words in refusal(None, "sphere")


def test_the_sphere_takes_a_prior_of_the_plane_that_is_told_the_redshift(tmp_path):
    for channels, serves in ((["kappa_e", "redshift"], True), (["kappa_e"], False)):
        (tmp_path / shipped.RECORD).write_text(json.dumps({"task": "lensing", "channels": channels}))
        if serves:
            assert shipped.find(tmp_path, "sphere") == tmp_path
        else:
            assert "was trained for catalogues and maps on a plane" in refusal(tmp_path, "sphere")


class Trap:
    """Unpickling this would write a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_pickle_is_never_opened(tmp_path):
    path = tmp_path / "model.pt"
    path.write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    assert "is a file; expected a folder of model.json and model.safetensors (pickles are never opened)" in refusal(
        path
    )
    path.chmod(0)
    refusal(path)
    assert not (tmp_path / "sprung").exists()


def test_the_listing_says_ranges_scores_and_hashes(capsys):
    main(["priors"])
    said = capsys.readouterr().out
    for name in shipped.names():
        record = read_record(shipped.SHIPPED / name)
        assert f"{name}: the default of lofi" in said
        assert record["weights"][:16] in said
        assert in_words(record["ranges"]) in said
        assert section((shipped.SHIPPED / name / shipped.CARD).read_text(), "Scores")[0] in said


def test_documents_say_the_ranges_of_the_record():
    ranges = read_record(shipped.SHIPPED / "convergence")["ranges"]
    spans = {name: f"{low:.3g}{{}} to {high:.3g}{{}}" for name, (low, high) in ranges.items()}
    said = [spans["pixel_arcmin"].format("′", "′")]
    said += [spans[name].format("", "") for name in ("galaxy_density", "redshift")]
    root = Path(__file__).parents[2]
    for page in (root / "docs/survey.md", shipped.SHIPPED / "convergence" / shipped.CARD):
        words = " ".join(page.read_text(encoding="utf-8").split())
        assert [span for span in said if span not in words] == [], page.name


def test_cards_alone_say_how_long_a_training_takes():
    config = (Path(__file__).parents[2] / "config/priors.yaml").read_text(encoding="utf-8")
    assert not re.search("hour|minute", config)
    for name in shipped.names():
        card = (shipped.SHIPPED / name / shipped.CARD).read_text(encoding="utf-8")
        assert any(re.search("hour|minute", line) for line in section(card, "How to rebuild"))


def test_cards_say_how_scores_were_measured():
    for name in shipped.names():
        card = (shipped.SHIPPED / name / shipped.CARD).read_text(encoding="utf-8")
        assert any(line.startswith("How these were measured: ") for line in section(card, "Scores"))


@pytest.mark.parametrize("arguments", ["priors", "--help"])
def test_the_listing_loads_no_torch(arguments):
    code = f"import sys; from lofi.cli import main; main(['{arguments}'])"
    guard = "import sys; sys.modules['torch'] = None\n"
    run = subprocess.run([sys.executable, "-c", guard + code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_a_reader_of_the_listing_may_leave():
    listing = f"{shlex.quote(sys.executable)} -c 'from lofi.cli import main; main([\"priors\"])'"
    command = f"{listing} | true; echo ${{PIPESTATUS[0]}}"
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("0\n", "")


SURVEY = {"galaxy_density": 30.0}
RANGES = {
    "one depth": ({"extent_arcmin": 300, "pixels": 100}, {}, {"pixel_arcmin": [3, 3], "galaxy_density": [30, 30]}),
    "depths": (
        {"extent_arcmin": 300, "pixels": 100},
        {"relative_noise": [0.5, 2.0]},
        {"pixel_arcmin": [3, 3], "galaxy_density": [7.5, 120]},
    ),
}


@pytest.mark.parametrize(("field", "depth", "expected"), RANGES.values(), ids=RANGES.keys())
def test_ranges_of_a_survey(field, depth, expected):
    experiment = {"task": "lensing", "field": field, "observation": SURVEY}
    assert ranges_of(experiment, depth) == expected


def test_ranges_of_other_tasks_and_in_words():
    denoising = {"task": "denoising", "field": {}, "observation": {"noise": [1e-4, 0.1]}}
    assert in_words(ranges_of(denoising, {})) == "noise of 0.0001 to 0.1 of the peak"
    sphere = {"task": "sphere", "field": {"nside": 1024}, "observation": SURVEY}
    assert in_words(ranges_of(sphere, {})) == "pixels of 3.44 arcmin, 30 galaxies per arcmin²"
    assert ranges_of({"task": "tomography", "field": {}, "observation": {}}, {}) == {}
