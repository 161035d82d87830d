"""The bias of an estimate against a channel: found, taken off, nothing else changed."""

import pytest
import torch

from lofi.bias import KNOTS, Bias
from lofi.models import build

FIELD = {
    "class": "lofi",
    "inputs": {"channels": ["image", "depth"], "residual": "observed"},
    "geometry": {"kind": "circular", "rings": 2, "angles": 4, "radius": 2.0},
    "network": {"kind": "multimlp", "width": 8, "depth": 1, "chunk_outputs": 4},
    "unbiased_in": "depth",
}


def off_by(depth):
    return 0.1 * depth.abs()


def pairs(count, seed):
    """Noisy images that are too high where they are deep."""
    generator = torch.Generator().manual_seed(seed)
    truth = torch.randn(count, 1, 24, 24, generator=generator)
    depth = torch.randn(count, 1, 1, 1, generator=generator) + 0.1 * torch.randn(truth.shape, generator=generator)
    noise = 0.1 * torch.randn(truth.shape, generator=generator)
    return torch.cat([truth + off_by(depth) + noise, depth], 1), truth


def test_a_bias_is_interpolated_and_constant_beyond_the_sample():
    generator, bias = torch.Generator().manual_seed(1), Bias()
    assert not bias(torch.randn(5, generator=generator)).any()
    channel = torch.rand(100_000, generator=generator) * 4 - 2
    channel[:100] = float("inf")
    bias.fit(channel, off_by(channel) + torch.randn(channel.shape, generator=generator) * 0.1)
    asked = torch.linspace(-1.8, 1.8, 37)
    assert torch.allclose(bias(asked.reshape(1, 37)), off_by(asked).reshape(1, 37), atol=0.01)
    assert torch.equal(bias(torch.tensor([-50.0, 50.0, float("inf")])), bias.mean[[0, -1, -1]])


def test_a_constant_channel_takes_off_the_mean():
    bias, error = Bias(), torch.randn(960, generator=torch.Generator().manual_seed(3)) + 0.25
    bias.fit(torch.ones(960), error)
    assert torch.allclose(bias(torch.tensor([0.5, 1.0, 2.0])), error.mean())
    with pytest.raises(ValueError, match=f"at least {KNOTS} pixels; here are 3"):
        bias.fit(torch.ones(3), torch.ones(3))


def test_a_settled_field_is_right_at_every_depth():
    model = build(FIELD, ["image", "depth"], (24, 24))
    model.calibrate(pairs(64, 2), None)
    observed, truth = pairs(32, 3)
    before = model.reconstruct(observed)
    assert torch.equal(before, observed[:, :1])
    model.settle(lambda: pairs(128, 2))
    after = model.reconstruct(observed)
    assert (before - truth - off_by(observed[:, 1:])).mean().abs() < 0.01
    for deep in (observed[:, 1:].abs() < 0.5, observed[:, 1:].abs() > 1.0):
        assert (before - truth)[deep].mean() > 0.02
        assert (after - truth)[deep].mean().abs() < 0.01
    finer = (model.reconstruct(observed, (48, 48)) - torch.nn.functional.interpolate(truth, (48, 48))).mean()
    assert finer.abs() < 0.01
    centres = torch.tensor([[3.0, 5.0], [20.0, 11.0]])  # of columns and rows
    there = torch.stack([observed[:, 0, 5, 3], observed[:, 0, 11, 20]], 1)
    found = there + model.correction_at(observed, centres)[:, 0]
    assert torch.allclose(found, torch.stack([after[:, 0, 5, 3], after[:, 0, 11, 20]], 1), atol=1e-5)


def test_where_the_channel_is_infinite_the_bias_is_that_of_its_largest_value():
    inputs = FIELD["inputs"] | {"channels": ["image"]}
    model = build(FIELD | {"inputs": inputs}, ["image", "depth"], (24, 24))
    model.settle(lambda: pairs(16, 2))
    observed = pairs(1, 4)[0]
    observed[:, 1, 4:8, 4:8] = float("inf")
    model.bias.mean.fill_(0.5)
    for estimate in (model.reconstruct(observed), model.reconstruct(observed, (48, 48))):
        assert torch.isfinite(estimate).all()


def test_only_an_observed_channel_can_be_named():
    with pytest.raises(
        ValueError, match="unbiased_in is 'noise'; expected, for one channel of the truth, one of image, depth"
    ):
        build(FIELD | {"unbiased_in": "noise"}, ["image", "depth"], (24, 24))
