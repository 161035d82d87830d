"""The convergence prior that ships is scored on maps of one pixel size and redshift: it is told both."""

import numpy as np
import pytest

from lofi.io import hdf5
from lofi.lensing.kaiser_squires import CHANNELS
from workflow.scripts.reconstruct import reconstruct


def data(folder, **record):
    path = folder / "data" / "test" / "0000.h5"
    path.parent.mkdir(parents=True)
    observed = 0.02 * np.random.default_rng(1).standard_normal((2, 3, 32, 32)).astype(np.float32)
    observed[:, 2] = 0.03
    record = {"channels": list(CHANNELS), "shard": {"observed": [0, 2], "truth": [0, 2]}} | record
    hdf5.write(path, record, observed=observed, truth=observed[:, :1])
    return path


def run(path, prior):
    target = path.parents[2] / "made.h5"
    options = {"part": 0, "parts": 1, "device": "cpu", "threads": 1}
    reconstruct(data=[path], weights=prior / "model.safetensors", reconstruction=target, **options)
    return hdf5.read(target, "test")[1]


def test_it_is_told_what_the_maps_are(sky_prior, tmp_path):
    spreads = []
    for redshift in (0.4, 1.5):
        made = run(data(tmp_path / str(redshift), pixel_arcmin=2.0, redshift=redshift), sky_prior)
        assert made.shape == (2, 1, 32, 32)
        spreads.append(made.std())
    assert spreads[1] > 1.2 * spreads[0]


def test_other_channels_are_refused(sky_prior, tmp_path):
    with pytest.raises(ValueError, match="was trained on"):
        run(data(tmp_path, channels=["fbp", "a", "b"], pixel_arcmin=2.0, redshift=0.9), sky_prior)
