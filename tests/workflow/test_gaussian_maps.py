"""On Gaussian maps the Wiener filter is the best estimator: nothing learned may beat it, and learning must not hurt."""

import numpy as np
import pytest
import torch

from lofi.data.lensing import LensingObservation
from lofi.lensing.kaiser_squires import CHANNELS
from lofi.models.registry import build
from lofi.seeds import stream
from lofi.training.fit import fit
from lofi.training.recipe import Recipe
from simulations.images.gaussian import GaussianSky

SHAPE, PIXEL, NOISE = (64, 64), 2.34375, 0.0288
FIELD = {
    "class": "lofi",
    "inputs": {"channels": ["kappa_e", "noise_std"], "wiener": True, "residual": "wiener"},
    "geometry": {"kind": "circular", "radius": 6.0},
    "network": {"kind": "multimlp", "width": 16, "chunk_outputs": 16},
    "loss": "l2",
    "pixels": 256,
}


@pytest.fixture(scope="module")
def sky(theory):
    return GaussianSky(theory, SHAPE, PIXEL)


def observations(sky, count, *name):
    observe = LensingObservation(NOISE)
    pairs = []
    for index in range(count):
        rng = stream(*name, index)
        pairs.append(observe.observe(sky.draw(rng), rng))
    return tuple(torch.from_numpy(np.stack(part)) for part in zip(*pairs, strict=True))


def rmse(estimate, truth):
    return (estimate - truth).square().mean((1, 2, 3)).sqrt()


def test_nothing_beats_the_wiener_filter(sky, tmp_path):
    torch.set_num_threads(1)
    training, test = observations(sky, 200, "train"), observations(sky, 60, "test")
    wiener = build({"class": "wiener"}, CHANNELS, SHAPE)
    wiener.calibrate(training, training)
    reference = rmse(wiener.reconstruct(test[0]), test[1])
    curve = build({"class": "wiener_curve"}, CHANNELS, SHAPE)
    curve.calibrate(training, training)
    torch.manual_seed(0)
    field = build(FIELD, CHANNELS, SHAPE)
    field.calibrate(training, training)
    recipe = Recipe(steps=120, objects=8, learning_rate=1.5e-3, validate_every=120)
    fit(
        field,
        recipe,
        lambda n, k, share: observations(sky, k, "batch", n),
        lambda m: {},
        0,
        tmp_path / "h.csv",
        progress=False,
    )
    for model in (curve, field):
        gain = (rmse(model.reconstruct(test[0]), test[1]) / reference - 1).mean()
        assert -0.002 < gain < 0.02
