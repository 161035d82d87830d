"""What batches are drawn from: new noise in every step, or pairs that keep theirs; curves while a network trains."""

import numpy as np
import pandas as pd
import pytest
import torch

from lofi.io import checkpoint, hdf5
from lofi.io.stack import Stack
from lofi.training.examples import FixedNoise, FreshNoise
from simulations.photography import PhotographyObservation
from workflow.training import train
from workflow.training_curves import read_curves, summary_of

EXPERIMENT = {"task": "photography", "field": {"pixels": 16}, "observation": {"sigma": 0.15}}
DESCRIPTION = {
    "class": "lofi",
    "inputs": {"channels": "all", "residual": "observed"},
    "geometry": {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0},
    "network": {"kind": "multimlp", "width": 8, "depth": 1, "chunk_outputs": 4},
    "pixels": 64,
    "training": {"steps": 6, "objects": 3, "validate_every": 2, "learning_rate": 1e-3},
}
ALL = slice(None)


@pytest.fixture
def files(tmp_path):
    """Shards of three pictures: as they are, and observed once."""
    pictures = np.random.default_rng(0).random((3, 3, 16, 16)).astype(np.float32)
    observed, truth = PhotographyObservation(0.15).observe_all(pictures, "fixed")
    maps, pairs = (tmp_path / kind / "train" / "0000.h5" for kind in ("maps", "data"))
    for path in (maps, pairs):
        path.parent.mkdir(parents=True)
    hdf5.write(maps, {"shard": {"images": [0, 3]}}, images=pictures)
    hdf5.write(pairs, {"shard": {"observed": [0, 3], "truth": [0, 3]}}, observed=observed, truth=truth)
    return [maps], [pairs]


def test_fixed_noise_stays_and_fresh_noise_does_not(files):
    maps, pairs = files
    fixed, fresh = (
        FixedNoise(Stack(pairs, "observed"), Stack(pairs, "truth"), ["a"]),
        FreshNoise(Stack(maps, "images"), *[PhotographyObservation(0.15)] * 2, ["a"]),
    )
    for data, same in ((fixed, True), (fresh, False)):
        (one, truth), (two, again) = (data.draw(number, 3, ALL) for number in (0, 1))
        torch.testing.assert_close(truth, again, rtol=0, atol=0)  # a batch as large as the data set is the data set
        assert torch.equal(one, two) == same
        torch.testing.assert_close(data.draw(1, 3, slice(1, None, 2))[0], two[1::2], rtol=0, atol=0)
    torch.testing.assert_close(fixed.draw(0, 3, ALL)[0], fixed.calibration()[0], rtol=0, atol=0)


def test_smaller_batches_are_drawn_and_larger_ones_refused(files):
    data = FixedNoise(Stack(files[1], "observed"), Stack(files[1], "truth"), ["a"])
    batches = [data.draw(number, 2, ALL)[1].numpy() for number in range(20)]
    numbers = [np.abs(data.truth[:] - true).sum((1, 2, 3)).argmin() for batch in batches for true in batch]
    assert set(numbers) == {0, 1, 2}
    with pytest.raises(ValueError, match="objects is 4, more than the 3 images of the training split"):
        data.draw(0, 4, ALL)


def run(folder, files, noise):
    maps, pairs = files
    folder.mkdir(parents=True)
    train(
        training=pairs if noise == "fixed" else maps,
        validation=pairs,
        curves=pairs,
        folder=folder,
        history=folder / "history.csv",
        description=DESCRIPTION,
        experiment=EXPERIMENT,
        noise=noise,
        depth={},
        device="cpu",
        threads=1,
        name=["test", noise],
        code="",
    )
    return pd.read_csv(folder / "history.csv")


def test_curves_are_logged_with_the_pixels_seen(files, tmp_path):
    history = run(tmp_path / "tiny" / "lofi_tiny", files, "fixed")
    assert list(history["pixels"]) == [step * 3 * 64 for step in (2, 4, 6)]
    noisy = 20 * np.log10(1 / 0.15)
    assert (np.abs(history["psnr_train"] - noisy) < 1).all()  # of a range of 1, hardly trained
    folder = tmp_path / "tiny" / "lofi_tiny"
    curves = read_curves([folder / "history.csv"], [folder / "model.json"], files[1])
    assert list(curves["passes"]) == [0.5, 1.0, 1.5]
    size = sum(parameter.numel() for parameter in checkpoint.load(folder)[0].parameters())
    assert set(curves["model"] + curves["experiment"] + curves["parameters"].astype(str)) == {f"lofi_tinytiny{size}"}


def test_a_summary_of_a_curve_that_rises_and_falls():
    test = [20.0, 23.0, 22.0, 21.0, 21.2, 20.9, 21.1, 21.0]
    rows = {"psnr_test": test, "psnr_validation": 24.0, "psnr_train": 25.0, "parameters": 9}
    curve = pd.DataFrame(rows | {"passes": np.arange(1, 9) * 10, "step": np.arange(1, 9)})
    found = summary_of(curve)
    assert (found["best"], found["best_passes"], found["best_step"]) == (23.0, 20, 2)
    assert (found["last"], found["last_passes"], found["last_step"]) == (21.0, 80, 8)
    assert (found["drop"], found["seen"], found["memorised"]) == (2.0, 24.0, 1.0)
