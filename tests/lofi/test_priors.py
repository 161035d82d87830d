"""Priors that ship: they serve the commands without an option, and what is no prior is refused in one sentence."""

import pickle
from pathlib import Path

import pytest

from lofi.io.checkpoint import load_denoiser
from lofi.lensing.mapping import load_lensing_model
from lofi.priors import shipped


def refusal(prior, task="denoising"):
    with pytest.raises(ValueError, match="--prior") as caught:
        shipped.find(prior, task)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_each_task_has_one_that_loads():
    assert load_denoiser(shipped.find(None, "denoising"))[1]["parameters"] > 10_000
    assert load_lensing_model(shipped.find(None, "lensing"))[1]["parameters"] > 10_000
    assert set(shipped.DEFAULT.values()) <= set(shipped.names())


def test_each_is_whole_and_all_are_small():
    for name in shipped.names():
        assert {path.name for path in (shipped.SHIPPED / name).iterdir()} == set(shipped.FILES)
    assert sum(path.stat().st_size for path in shipped.SHIPPED.rglob("*") if path.is_file()) < 2_000_000


def test_a_name_comes_before_a_folder_of_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("radio").mkdir()
    Path("mine").mkdir()
    assert shipped.find("radio", "denoising") == shipped.SHIPPED / "radio"
    assert shipped.find("./radio", "denoising") == Path("radio")
    assert shipped.find("mine", "denoising") == Path("mine")


def test_unknown_names_are_refused_with_the_nearest():
    assert "--prior radoi is unknown: did you mean radio?" in refusal("radoi")
    assert "expected one of convergence, radio" in refusal("zzz")
    assert "--prior no/where does not exist" in refusal("no/where")


def test_without_one_for_a_task_the_sentence_says_so():
    assert "no prior for the sphere ships; give the folder of a trained model as --prior" in refusal(None, "sphere")


class Trap:
    """Unpickling this would write a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_pickle_is_never_opened(tmp_path):
    path = tmp_path / "model.pt"
    path.write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    assert "is a file; expected the folder of model.json and model.safetensors" in refusal(path)
    path.chmod(0)
    refusal(path)
    assert not (tmp_path / "sprung").exists()
