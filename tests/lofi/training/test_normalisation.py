"""Batch normalisation: averaged weights are evaluated with the statistics of their own activations."""

import pytest
import torch
from torch import nn

from lofi.models.registry import build
from lofi.training.fit import fit
from lofi.training.recipe import Recipe
from lofi.training.statistics import BATCHES

DESCRIPTION = {"class": "dncnn", "inputs": {"channels": "all", "residual": "observed"}, "features": 5, "layers": 4}
RECIPE = Recipe(steps=9, objects=4, learning_rate=3e-2, warmup=1, ema=0.8, validate_every=4, save_every=3)
ALL = slice(0, None, 1)


class Interrupted(Exception):
    """What stands for a killed job."""


def draw(number, objects, share):
    generator = torch.Generator().manual_seed(100 + number)
    truth = torch.rand(objects, 1, 12, 12, generator=generator)
    return (truth + 0.5 * torch.randn(truth.shape, generator=generator))[share], truth[share]


def model_of(seed=0, **changes):
    torch.manual_seed(seed)
    model = build(DESCRIPTION | changes, ["image"], (12, 12))
    model.calibrate(draw(999, 8, ALL), None)
    return model


def run(folder, model, recipe=RECIPE, draw=draw, validate=lambda model: {}):
    fit(model, recipe, draw, validate, 5, folder / "history.csv", folder / "training.resume", progress=False)
    return model


def activations(model, parts):
    """Mean and mean variance, over parts, of what enters each normalisation of a model that normalises part by part."""
    found = []
    for layer in (module for module in model.modules() if isinstance(module, nn.BatchNorm2d)):
        seen = []
        hook = layer.register_forward_hook(lambda layer, inputs, output, seen=seen: seen.append(inputs[0]))
        model.train()
        with torch.no_grad():
            for observed, truth in parts:
                model.training_step(observed, truth, torch.empty(len(truth), 0))
        hook.remove()
        means = torch.stack([values.mean((0, 2, 3)) for values in seen]).mean(0)
        variances = torch.stack([values.transpose(0, 1).flatten(1).var(1) for values in seen]).mean(0)
        found.append((means, variances))
    return found


@pytest.mark.parametrize("microbatch", [0, 2])
def test_a_trained_network_has_the_statistics_of_its_averaged_weights(tmp_path, microbatch):
    model = run(tmp_path, model_of(), Recipe(**vars(RECIPE) | {"microbatch": microbatch}))
    layers = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    stored = [(layer.running_mean.clone(), layer.running_var.clone()) for layer in layers]
    parts = []
    for number in range(BATCHES):
        batch = draw(number, 4, ALL)
        parts += list(zip(*(tensor.split(microbatch or 4) for tensor in batch), strict=True))
    for own, expected in zip(stored, activations(model, parts), strict=True):
        for statistic, value in zip(own, expected, strict=True):
            torch.testing.assert_close(statistic, value, rtol=1e-4, atol=1e-5)


def test_validation_sees_a_network_in_evaluation(tmp_path):
    seen = []

    def watch(model):
        observed, _ = draw(998, 3, ALL)
        together, alone = model.reconstruct(observed)[:1], model.reconstruct(observed[:1])
        seen.append(not model.training and torch.allclose(together, alone, atol=1e-6))
        return {}

    model = run(tmp_path, model_of(), validate=watch)
    assert seen == [True] * 3
    assert not model.training


def test_training_itself_normalises_by_the_batch(tmp_path):
    """The gradients of a step do not depend on the statistics kept for evaluation."""
    shifted = model_of()
    for layer in (module for module in shifted.modules() if isinstance(module, nn.BatchNorm2d)):
        layer.running_mean += 3.0
    first, second = run(tmp_path, model_of()), run(tmp_path / "other", shifted)
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name])


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path):
    def failing(number, objects, share):
        if number == 7 + BATCHES:
            raise Interrupted
        return draw(number, objects, share)

    def shifted(draw):  # so that the batches of steps are told from those of statistics
        return lambda number, objects, share: draw(number + BATCHES, objects, share)

    whole, cut = run(tmp_path / "whole", model_of(), draw=shifted(draw)), model_of()
    state = tmp_path / "cut" / "training.resume"
    with pytest.raises(Interrupted):
        run(tmp_path / "cut", cut, draw=shifted(failing))
    assert state.exists()
    cut = run(tmp_path / "cut", model_of(seed=7), draw=shifted(draw))
    for name, value in whole.state_dict().items():
        assert torch.equal(value, cut.state_dict()[name])


def test_a_network_without_batch_normalisation_draws_nothing_more(tmp_path):
    drawn = []

    def watched(number, objects, share):
        drawn.append(number)
        return draw(number, objects, share)

    options = {"class": "drunet", "inputs": DESCRIPTION["inputs"], "features": 2, "levels": 1, "blocks": 1}
    torch.manual_seed(0)
    run(tmp_path, build(options, ["image"], (12, 12)), draw=watched)
    assert drawn == list(range(9))
