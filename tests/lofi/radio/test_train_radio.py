"""`lofi train radio`: a folder of pictures in, a prior of `lofi image` out; what cannot be used is one sentence."""

import hashlib
import json
import subprocess
import sys

import numpy as np
import prior_trainings
import pytest
from astropy.io import fits
from PIL import Image
from prior_trainings import files, killed_in

from lofi.cli import main
from lofi.io.checkpoint import load_denoiser
from lofi.priors.recipe import shipped_recipe
from lofi.priors.record import FORMAT
from lofi.radio import training
from lofi.training import examples

CROP = 20
OPTIONS = ("--steps", "7", "--width", "8", "--crop", str(CROP))


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """The recipe that ships, with few images and a state every three steps."""

    def recipe(*arguments):
        found = shipped_recipe(*arguments)
        found["model"]["training"] |= {"objects": 4, "microbatch": 0, "warmup": 1, "save_every": 3, "validate_every": 5}
        return found | {"images": 30}

    monkeypatch.setattr(training, "shipped_recipe", recipe)


def sky(number, side=32):
    """A source of its own width."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return np.exp(-(x**2 + y**2) / (2 * (2.0 + 0.2 * number) ** 2)) + 1e-9 * number


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(4):
        np.save(folder / f"{number}.npy", sky(number))
    return folder


def train(pictures, output, *options):
    main(["train", "radio", "--pictures", str(pictures), "-o", str(output), *(options or OPTIONS)])


def refusal(capsys, *arguments):
    return prior_trainings.refusal(capsys, lambda: train(*arguments))


def test_the_prior_serves_lofi_image_and_knows_its_pictures(pictures, tmp_path, monkeypatch, capsys):
    train(pictures, tmp_path / "prior")
    monkeypatch.chdir(tmp_path)
    train(pictures, "prior")  # a folder here, which might be the name of a prior that ships
    assert "lofi image VISIBILITIES --prior ./prior\n" in capsys.readouterr().err
    record = load_denoiser(tmp_path / "prior")[1]
    assert sorted(files(tmp_path / "prior")) == ["model.json", "model.safetensors", "request.json"]
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in pictures.iterdir()}
    assert record["data"]["source"]["files"] == hashes
    assert (record["format"], record["task"], record["size"]) == (FORMAT, "denoising", [CROP, CROP])
    assert record["training"]["steps"] == 7
    assert record["noise"] == record["ranges"]["noise"] == shipped_recipe("denoising")["observation"]["noise"]
    u, v = np.random.default_rng(1).uniform(-3e3, 3e3, (2, 400))
    point = {"visibilities": np.ones(400, complex), "weights": np.full(400, 100.0), "frequencies": np.full(400, 1.4e9)}
    np.savez(tmp_path / "source.npz", u=u, v=v, units="wavelengths", **point)
    source, options = str(tmp_path / "source"), ["--size", "32", "--iterations", "2", "--centre", "40,-30"]
    main(["image", f"{source}.npz", "--prior", str(tmp_path / "prior"), "-o", source, *options])
    assert np.isfinite(fits.getdata(f"{source}-model.fits")).all()


def test_no_picture_is_in_both_parts(pictures, tmp_path, monkeypatch):
    parts = {}

    def crops(skies, numbers, count, size, *name, **options):
        parts[name[-1]] = [sky.tobytes() for sky in skies]
        return np.ones((count, size, size), np.float32)

    monkeypatch.setattr(training, "training_crops", crops)
    train(pictures, tmp_path / "prior")
    assert (len(parts["training"]), len(parts["validation"])) == (3, 1)
    assert not set(parts["training"]) & set(parts["validation"])


@pytest.mark.parametrize("step", [0, 4, 6])
def test_killed_at_any_point_the_same_command_ends_with_the_same_files(pictures, tmp_path, step):
    train(pictures, tmp_path / "whole")
    killed_in(step, lambda: train(pictures, tmp_path / "cut"))
    assert ((tmp_path / "cut" / "training.resume").exists()) == (step > 2)
    train(pictures, tmp_path / "cut")
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_killed_before_the_examples_are_removed_nothing_is_trained_again(pictures, tmp_path, monkeypatch):
    folder = tmp_path / "prior"
    train(pictures, folder)
    before = files(folder)
    (folder / "examples.h5").write_bytes(b"left")
    monkeypatch.delattr(examples.FreshNoise, "draw")
    train(pictures, folder)
    assert files(folder) == before


def test_another_training_in_the_same_folder_is_refused(pictures, tmp_path, capsys):
    folder = tmp_path / "prior"
    train(pictures, folder)
    before = files(folder)
    said = refusal(capsys, pictures, folder, *OPTIONS, "--seed", "1")
    assert "was begun with --seed 0, not --seed 1; repeat that, or give another folder as --output" in said
    assert "with --width 8, not no --width" in refusal(capsys, pictures, folder, "--steps", "7", "--crop", str(CROP))
    np.save(pictures / "2.npy", sky(9))
    assert "with other files (2.npy has changed)" in refusal(capsys, pictures, folder)
    (pictures / "2.npy").unlink()
    assert "with other files (2.npy is missing)" in refusal(capsys, pictures, folder)
    (folder / "request.json").write_text("{}")
    assert "request.json is damaged" in refusal(capsys, pictures, folder)
    (folder / "request.json").unlink()
    assert "holds other files; give a folder that is empty or new" in refusal(capsys, pictures, folder)
    assert "is a file" in refusal(capsys, pictures, pictures / "0.npy")
    assert {name for name in before if name != "request.json"} == set(files(folder))


BAD = {
    "3.npy' has 4 pixels that are NaN or inf": [sky(0), np.where(sky(1) > 0.9, np.nan, sky(1))],
    "is constant (2 everywhere)": [sky(0), np.full((32, 32), 2.0)],
    "has 19 × 32 pixels, fewer than the crops (20 × 20); leave it out, or give a smaller --crop": [sky(0), sky(1)[:19]],
    "no source in the picture stands out": [sky(0), np.random.default_rng(0).random((32, 32))],
    "(and 1 more files cannot be used)": [sky(0), np.ones((32, 32)), np.ones((8, 8))],
}


@pytest.mark.parametrize("message", BAD)
def test_pictures_that_cannot_be_used_are_named_and_nothing_is_written(tmp_path, capsys, message):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, image in enumerate(BAD[message]):
        np.save(folder / f"{number if number < len(BAD[message]) - 1 else 3}.npy", image)
    assert message in refusal(capsys, folder, tmp_path / "prior")
    assert not (tmp_path / "prior").exists()


def test_too_few_pictures_are_refused(pictures, tmp_path, capsys):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "there is no picture in the folder" in refusal(capsys, empty, tmp_path / "prior")
    (empty / "notes.txt").write_text("other")
    assert "there is no picture in the folder" in refusal(capsys, empty, tmp_path / "prior")
    assert "there is no file or folder" in refusal(capsys, tmp_path / "nowhere", tmp_path / "prior")
    (empty / "0.npy").write_bytes((pictures / "0.npy").read_bytes())
    (empty / "copy.npy").write_bytes((pictures / "0.npy").read_bytes())
    capsys.readouterr()
    with pytest.raises(SystemExit):
        train(empty, tmp_path / "prior")
    said = capsys.readouterr().err
    assert "copies of others, left out: 1" in said
    assert "holds one picture; training needs at least two" in said
    for option in ("--steps", "--width", "--crop", "--threads"):
        assert f"{option} is 0; expected at least" in refusal(capsys, pictures, tmp_path / "prior", option, "0")
    assert not (tmp_path / "prior").exists()


def test_every_format_is_taken_and_other_files_are_passed_over(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    bytes_of = [(255 * sky(number)[::-1]).astype(np.uint8) for number in range(5)]
    for suffix, image in zip(("png", "jpg", "tif"), bytes_of, strict=False):
        Image.fromarray(image).save(folder / f"a.{suffix}")
    Image.fromarray(sky(3)[::-1].astype(np.float32)).save(folder / "b.tiff")
    fits.PrimaryHDU(sky(4)).writeto(folder / "c.fits")
    np.savez(folder / "d.npz", images=np.stack([sky(number) for number in range(5, 8)]))
    (folder / "notes.txt").write_text("other")
    train(folder, tmp_path / "prior")
    data = json.loads((tmp_path / "prior" / "model.json").read_text())["data"]
    assert data["description"] == "8 pictures of pictures"
    assert sorted(data["source"]["files"]) == ["a.jpg", "a.png", "a.tif", "b.tiff", "c.fits", "d.npz"]


def test_a_full_disk_is_one_sentence_and_with_room_the_command_goes_on(pictures, tmp_path, capsys, small_disk):
    disk = small_disk(40)  # kB; the examples take 67, the state of the training 120
    said = refusal(capsys, pictures, disk / "prior", *OPTIONS, "--crop", "32")
    assert "needs 0.00012 GB, and its disk has 4.1e-05 GB left; make room" in said
    assert not (disk / "prior").exists()
    subprocess.run(["mount", "-o", "remount,size=150k", str(disk)], check=True)
    assert "training.resume cannot be written: the disk is full" in refusal(capsys, pictures, disk / "prior")
    subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
    train(pictures, disk / "prior")
    train(pictures, tmp_path / "whole")
    assert files(disk / "prior") == files(tmp_path / "whole")


def test_stopped_by_hand_it_is_one_sentence(pictures, tmp_path, capsys, monkeypatch):
    def stopped(image):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "cleaned", stopped)
    assert refusal(capsys, pictures, tmp_path / "prior") == "error: stopped by Ctrl-C"


def test_help_loads_no_torch():
    code = "import sys; from lofi import cli\ntry: cli.main(sys.argv[1:])\nfinally: print('torch' in sys.modules)"
    for command in ([], ["train"], ["train", "radio"]):
        run = subprocess.run(
            [sys.executable, "-c", code, *command, "--help"], capture_output=True, text=True, check=True
        )
        assert run.stdout.endswith("False\n")
