"""Coordinate-conditioned geometry: where it starts, what bounds it, its gradients, any shape, checkpoints, refusals."""

import pytest
import torch

from lofi.field.coordinates import pixel_centres
from lofi.field.int8 import quantised
from lofi.field.local_field import LocalField
from lofi.io import checkpoint
from lofi.models.registry import build

RINGS = {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0}
CONDITIONED = {"kind": "conditioned", "steps": 3, "width": 8, "depth": 1, "bound": 1.5, "base": RINGS}
NETWORK = {"kind": "multimlp", "width": 8, "depth": 2, "chunk_outputs": 4}
LOFI = {
    "class": "lofi",
    "inputs": {"channels": ["image"], "residual": "observed"},
    "geometry": CONDITIONED,
    "network": NETWORK,
    "pixels": 32,
}
DENOISER = {"class": "lofi_denoiser", "geometry": CONDITIONED, "network": NETWORK, "pixels": 32}
FOURIER = {"kind": "fourier", "padding": 3}


def field_of(moved=True, filter=None, dtype=torch.float32, **changes):
    torch.manual_seed(0)
    field = LocalField(2, (12, 12), CONDITIONED | changes, NETWORK, filter, outputs=2)
    if moved:
        move(field)
    return field.to(dtype)


def move(module):
    """Away from the start, where all offsets are those of the base."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(parameter.numel()))


def image_of(*shape, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1)).to(dtype)


@pytest.mark.parametrize("filter", [None, FOURIER])
@pytest.mark.parametrize("bound", [1.5, None])
def test_it_starts_as_the_plain_field_of_the_same_weights(filter, bound):
    field, image = field_of(moved=False, filter=filter, bound=bound), image_of(2, 2, 9, 11)
    plain = LocalField(2, (12, 12), RINGS, NETWORK, filter, outputs=2)
    plain.load_state_dict({key: value for key, value in field.state_dict().items() if ".steps." not in key})
    torch.testing.assert_close(field.evaluate(image), plain.evaluate(image), rtol=0, atol=1e-6)
    coordinates = 9 * torch.rand(2, 5, 2)
    with torch.no_grad():
        expected = plain(image, coordinates)
        torch.testing.assert_close(field(image, coordinates), expected, rtol=0, atol=1e-6)


def test_offsets_depend_on_the_place_and_stay_within_the_bound():
    field = field_of()
    with torch.no_grad():
        for network in field.geometry.steps:
            network.layers[-1].weight.mul_(50)
        base, *steps = field.offsets(image_of(2, 2, 9, 11), pixel_centres((9, 11)).expand(2, -1, -1))
    assert base.shape == (12, 2)
    assert len(steps) == 3
    for offsets in steps:
        assert offsets.shape == (2, 99, 12, 2)
        assert 1.4 < (offsets - base).abs().max() <= 1.5 + 1e-6
        assert offsets.std((0, 1)).min() > 0.1


def test_each_step_reads_the_patch_at_the_offsets_of_the_step_before():
    field, image = field_of(dtype=torch.float64), image_of(2, 2, 9, 11, dtype=torch.float64)
    coordinates = 8 * torch.rand(2, 5, 2, dtype=torch.float64)
    with torch.no_grad():
        three = field.offsets(image, coordinates)
        del field.geometry.steps[2]
        two = field.offsets(image, coordinates)
        torch.testing.assert_close(three[:3], two)
        field.geometry.steps[0].layers[-1].bias += 0.3
        changed = field.offsets(image, coordinates)
    assert torch.equal(changed[0], two[0])
    assert (changed[2] - two[2]).abs().max() > 1e-3


@pytest.mark.parametrize("step", [0, 1, 2])
def test_gradients_reach_every_step_and_are_those_of_finite_differences(step):
    field, image = field_of(dtype=torch.float64), image_of(1, 2, 10, 10, dtype=torch.float64)
    coordinates = 2 + 5 * torch.rand(1, 3, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    last = field.geometry.steps[step].layers[-1]
    bias = last.bias.detach().clone()
    del last.bias

    def positions(changed):
        last.bias = changed
        return field.offsets(image, coordinates)[-1]

    assert torch.autograd.gradcheck(positions, bias.requires_grad_(), eps=1e-6, atol=1e-6, fast_mode=True)
    (gradient,) = torch.autograd.grad(positions(bias).square().sum(), bias)
    assert gradient.abs().max() > 1e-4


@pytest.mark.parametrize("filter", [None, FOURIER])
@pytest.mark.parametrize("tile", [1, 37, None])
def test_evaluation_is_the_field_at_the_pixel_centres(filter, tile):
    field, image = field_of(filter=filter), image_of(2, 2, 9, 11)
    every = torch.arange(99).expand(2, -1)
    with torch.no_grad():
        expected = field(image, pixel_centres((9, 11)).expand(2, -1, -1)).transpose(1, 2).reshape(2, 2, 9, 11)
        trained = field.at_pixels(field.prepare(image), every, (9, 11)).transpose(1, 2).reshape(2, 2, 9, 11)
    evaluated = field.evaluate(image, tile=tile)
    torch.testing.assert_close(evaluated, expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(trained, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("own", "shape"), [((12, 12), (24, 24)), ((5, 17), (9, 8)), ((3, 3), (3, 3))])
def test_any_shape(own, shape):
    evaluated = field_of().evaluate(image_of(1, 2, *own), shape)
    assert evaluated.shape == (1, 2, *shape)
    assert torch.isfinite(evaluated).all()


@pytest.mark.parametrize(("description", "channels"), [(LOFI, ["image"]), (DENOISER, ["image", "noise_std"])])
def test_models_learn_geometry_too_and_come_back_from_checkpoints(description, channels, tmp_path):
    torch.manual_seed(0)
    model = build(description, channels, (16, 16))
    truth = image_of(4, 1, 16, 16)
    observed = torch.cat([truth + 0.3 * image_of(4, 1, 16, 16).flip(0), torch.full_like(truth, 0.3)], 1)
    observed = observed[:, : len(channels)]
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    for seed in range(6):
        optimiser.zero_grad()
        places = model.places(4, (16, 16), torch.Generator().manual_seed(seed))
        model.training_step(observed, truth, places).backward()
        optimiser.step()
    assert all(network.layers[-1].weight.abs().max() > 1e-4 for network in model.network.geometry.steps)
    checkpoint.save(tmp_path, model, description, channels, (16, 16))
    loaded, _ = checkpoint.load(tmp_path)
    assert torch.equal(loaded.reconstruct(observed), model.eval().reconstruct(observed))


def test_a_denoiser_chooses_its_samples_in_any_unit():
    model = build(DENOISER, ["image", "noise_std"], (16, 16)).double()
    move(model)
    observed = image_of(1, 2, 16, 16, dtype=torch.float64).abs() + 0.1
    torch.testing.assert_close(model.reconstruct(1000 * observed), 1000 * model.reconstruct(observed))


def test_its_reading_network_evaluates_in_integers():
    model = build(LOFI, ["image"], (16, 16))
    move(model)
    observed = image_of(2, 1, 16, 16)
    residual = model.reconstruct(observed) - observed
    difference = quantised(model, observed).reconstruct(observed) - observed - residual
    assert 0 < difference.std() < 0.05 * residual.square().mean().sqrt()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps is 0; expected a whole number of at least 1; for none, use the base geometry"),
        ({"steps": 1.5}, "steps is 1.5"),
        ({"bound": 0}, "bound is 0; expected a positive number of pixels, or null"),
        ({"base": CONDITIONED}, "base of the geometry: kind is 'conditioned'; expected one of circular, square"),
        ({"widht": 3}, "unknown argument widht; expected steps, base, width, depth, bound"),
        ({"kind": "hexagonal"}, "geometry: kind is 'hexagonal'; expected one of circular, square, conditioned"),
    ],
)
def test_wrong_descriptions_are_one_sentence(changes, message):
    with pytest.raises(ValueError, match=message):
        field_of(**changes)
