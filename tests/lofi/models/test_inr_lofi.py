"""INR-LoFi: starts at the identity, learns a change of coordinates, serves other shapes, survives a checkpoint."""

import numpy as np
import pytest
import torch

from lofi.field.coordinate_network import CoordinateNetwork
from lofi.field.coordinates import pixel_centres
from lofi.io import checkpoint
from lofi.models.registry import build

SIZE = (24, 24)
INR = {
    "class": "inr_lofi",
    "inputs": {"channels": "all", "residual": "observed"},
    "coordinates": {"width": 16, "depth": 2},
    "geometry": {"kind": "circular", "rings": 2, "angles": 4, "radius": 1.0},
    "network": {"kind": "multimlp", "width": 8, "depth": 1, "chunk_outputs": 4},
    "pixels": 128,
}
SHEAR = torch.tensor([[1.0, 0.15], [0.0, 1.0]])


def smooth(count, shape, shear, seed):
    """Pairs of sums of waves: the truth at x is observed at `shear (x − c) + c`. (count, 1, H, W) each."""
    generator = torch.Generator().manual_seed(seed)
    waves = 0.6 * torch.randn(count, 12, 1, 2, generator=generator).clamp(-2, 2)
    phases = 6.3 * torch.rand(count, 12, 1, generator=generator)
    centre = (torch.tensor(shape[::-1]) - 1) / 2
    points = pixel_centres(shape) - centre
    observed, truth = (
        torch.sin((waves * place).sum(-1) + phases).sum(1).reshape(count, 1, *shape) / 12**0.5
        for place in (points @ torch.linalg.inv(shear).T, points)
    )
    return observed, truth


def model_of(description=INR, size=SIZE, seed=0):
    torch.manual_seed(seed)
    model = build(description, ["image"], size)
    pairs = smooth(16, size, SHEAR, 99)
    model.calibrate(pairs, pairs)
    return model


def moving(model):
    """The model with coordinates that move."""
    with torch.no_grad():
        last = model.coordinates.layers[-1]
        last.weight += 0.1 * torch.randn(last.weight.shape, generator=torch.Generator().manual_seed(3))
        last.bias += torch.tensor([0.1, -0.2])
    return model


def test_it_starts_at_the_observed_image():
    observed, _ = smooth(2, SIZE, SHEAR, 1)
    model = model_of()
    torch.testing.assert_close(model.reconstruct(observed), observed, rtol=0, atol=1e-5)
    torch.testing.assert_close(model.moved(SIZE), pixel_centres(SIZE), rtol=0, atol=0)
    assert model.margin == 0


@pytest.mark.parametrize("residual", ["observed", "none"])
def test_the_gradient_reaches_the_coordinates(residual):
    model = moving(model_of(INR | {"inputs": {"channels": "all", "residual": residual}}))
    observed, truth = smooth(4, SIZE, SHEAR, 1)
    places = model.places(4, SIZE, torch.Generator().manual_seed(1))
    model.training_step(observed, truth, places).backward()
    for parameter in model.parameters():
        assert parameter.grad is not None
    assert all(float(parameter.grad.abs().max()) > 0 for parameter in model.coordinates.parameters())


def test_the_gradient_of_the_coordinates_is_that_of_finite_differences():
    network = CoordinateNetwork(width=5, depth=1, frequencies=2).double()
    with torch.no_grad():
        network.layers[-1].weight.add_(0.3)
    points = 7 * torch.rand(6, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(lambda x: network(x, (9, 12)), points.requires_grad_())


def test_a_small_shear_is_learned_to_a_fraction_of_a_pixel():
    model = model_of()
    optimiser = torch.optim.Adam(model.parameters(), 5e-3)
    for step in range(150):
        observed, truth = smooth(8, SIZE, SHEAR, step)
        places = model.places(8, SIZE, torch.Generator().manual_seed(step))
        optimiser.zero_grad()
        model.training_step(observed, truth, places).backward()
        optimiser.step()
    centre = (torch.tensor(SIZE[::-1]) - 1) / 2
    true = (pixel_centres(SIZE) - centre) @ SHEAR.T + centre
    start, learned = (
        (places - true).square().sum(-1).mean().sqrt() for places in (pixel_centres(SIZE), model.moved(SIZE))
    )
    assert float(start) > 1.0
    assert float(learned) < 0.25


def test_the_coordinates_are_the_same_at_every_resolution():
    """In units of the image's extent: twice the pixels are moved twice as many pixels."""
    model = moving(model_of())
    own, finer = model.moved((24, 24), (48, 48)), model.moved((48, 48))
    torch.testing.assert_close(2 * (own + 0.5), finer + 0.5, rtol=0, atol=1e-4)
    assert float((own - pixel_centres((48, 48), (24, 24))).abs().max()) > 1.0


@pytest.mark.parametrize("shape", [None, (48, 48), (30, 17)])
@pytest.mark.parametrize("residual", ["observed", "none"])
def test_other_shapes_are_the_field_at_the_moved_coordinates(shape, residual):
    model = moving(model_of(INR | {"inputs": {"channels": "all", "residual": residual}}))
    observed, _ = smooth(2, SIZE, SHEAR, 1)
    estimate = model.reconstruct(observed, shape, tile=50)
    shape = SIZE if shape is None else shape
    assert estimate.shape == (2, 1, *shape)
    stack, base = model.inputs(observed)
    pixels = torch.arange(shape[0] * shape[1]).expand(2, -1)
    with torch.no_grad():
        residual, start = model._at(stack, base, pixels, shape)
    expected = (start + model.inputs.truth_scale * residual).transpose(1, 2).reshape(2, 1, *shape)
    torch.testing.assert_close(estimate, expected, rtol=0, atol=1e-5)


def test_it_survives_a_checkpoint_bit_for_bit(tmp_path):
    model = moving(model_of(INR | {"coordinates": {"width": 6, "depth": 1, "frequencies": 2}}))
    description = INR | {"coordinates": {"width": 6, "depth": 1, "frequencies": 2}}
    checkpoint.save(tmp_path, model, description, ["image"], SIZE)
    loaded, _ = checkpoint.load(tmp_path)
    observed, _ = smooth(2, SIZE, SHEAR, 1)
    assert torch.equal(loaded.reconstruct(observed), model.reconstruct(observed))
    np.testing.assert_array_equal(loaded.moved(SIZE), model.moved(SIZE))


@pytest.mark.parametrize(
    ("coordinates", "message"),
    [
        ({"width": 0}, "coordinates: width 0, depth 2, frequencies 0; expected width and depth of at least 1"),
        ({"octaves": 3}, "coordinates: unknown argument octaves; expected width, depth, frequencies"),
        (None, "coordinates is None; expected a mapping of keywords"),
    ],
)
def test_wrong_descriptions_are_one_sentence(coordinates, message):
    with pytest.raises(ValueError, match=message):
        build(INR | {"coordinates": coordinates}, ["image"], SIZE)
