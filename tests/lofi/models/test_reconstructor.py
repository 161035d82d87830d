"""Reconstructors: where they start, that they learn, any size, and refusals of wrong descriptions."""

import pytest
import torch

from lofi.models.baselines.unet import UNet
from lofi.models.registry import build

CHANNELS, SIZE = ["kappa_e", "kappa_b", "noise_std"], (16, 16)
INPUTS = {"channels": ["kappa_e", "noise_std"], "wiener": True, "residual": "wiener"}
LOFI = {
    "class": "lofi",
    "inputs": INPUTS,
    "geometry": {"kind": "circular", "rings": 3, "angles": 5, "radius": 2.0},
    "network": {"kind": "multimlp", "width": 12, "depth": 2, "chunk_outputs": 6},
    "loss": "l2",
    "pixels": 64,
}
FOURIER = {"kind": "fourier", "padding": 2, "complex_pair": True}
UNET = {"class": "unet", "inputs": INPUTS, "features": 4, "levels": 2}


def pair(maps=8, shape=SIZE, seed=1):
    """Skewed skies in noise, one of them with a hole."""
    generator = torch.Generator().manual_seed(seed)
    white = torch.randn(maps, 1, *shape, generator=generator)
    truth = (white + white.roll(1, -1) + white.roll(1, -2)).exp()
    truth = 0.02 * (truth - truth.mean((-2, -1), keepdim=True)) / truth.std()
    noise = torch.full_like(truth, 0.02)
    noise[0, :, 3:6, 4:8] = float("inf")
    shear = 0.02 * torch.randn(maps, 2, *shape, generator=generator)
    shear[:, :1] += truth
    return torch.cat([shear, noise], 1), truth


def loss_of(model, observed, truth, seed):
    places = model.places(len(truth), truth.shape[-2:], torch.Generator().manual_seed(seed))
    return model.training_step(observed, truth, places)


def calibrated(description):
    torch.manual_seed(0)
    model = build(description, CHANNELS, SIZE)
    model.calibrate(pair(), pair(seed=2))
    return model


@pytest.mark.parametrize("description", [LOFI, UNET])
@pytest.mark.parametrize("residual", ["wiener", "observed"])
def test_a_residual_network_starts_exactly_at_its_base(description, residual):
    observed, truth = pair(seed=3)
    model = calibrated(description | {"inputs": INPUTS | {"residual": residual}})
    wiener = build({"class": "wiener"}, CHANNELS, SIZE)
    wiener.calibrate(pair(), None)
    base = wiener.reconstruct(observed) if residual == "wiener" else observed[:, :1]
    assert torch.equal(model.reconstruct(observed), base)
    finer = wiener.reconstruct(observed, (32, 24)) if residual == "wiener" else None
    if finer is not None:
        assert torch.equal(model.reconstruct(observed, (32, 24)), finer)
    loss = loss_of(model, observed, truth, 1)
    assert torch.isfinite(loss)


@pytest.mark.parametrize(
    "description",
    [
        LOFI,
        LOFI | {"loss": "l1", "inputs": {"channels": ["kappa_e", "kappa_b"]}, "filter": FOURIER},
        LOFI | {"filter": {"kind": "spatial", "pixels": 3}},
        UNET,
        UNET | {"loss": "l1", "padding": "reflect"},
    ],
)
def test_training_steps_lower_the_loss(description):
    model, (observed, truth) = calibrated(description), pair()

    def loss_on(pixels):
        return loss_of(model, observed, truth, pixels)

    before = float(loss_on(1000).detach())
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    for step in range(40):
        optimiser.zero_grad()
        loss_on(step).backward()
        optimiser.step()
    assert float(loss_on(1000).detach()) < 0.97 * before
    assert torch.isfinite(model.reconstruct(observed)).all()


def test_a_training_step_depends_on_its_places_alone():
    model, (observed, truth) = calibrated(LOFI), pair()
    with torch.no_grad():
        a, b, c = (float(loss_of(model, observed, truth, s)) for s in (1, 1, 2))
    assert a == b != c


def test_truths_may_be_finer_than_observations():
    model, (observed, _) = calibrated(LOFI), pair()
    truth = torch.randn(8, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    assert torch.isfinite(loss_of(model, observed, truth, 1))


@pytest.mark.parametrize("shape", [(16, 16), (17, 22), (5, 7)])
@pytest.mark.parametrize("levels", [1, 2])
def test_unet_takes_any_size(shape, levels):
    network = UNet(2, outputs=3, features=4, levels=levels)
    assert network(torch.randn(1, 2, *shape)).shape == (1, 3, *shape)


@pytest.mark.parametrize("description", [LOFI, UNET])
def test_other_sizes_and_resolutions(description):
    model = calibrated(description)
    observed, _ = pair(2, (21, 18))
    assert model.reconstruct(observed).shape == (2, 1, 21, 18)
    assert model.reconstruct(observed, (42, 36)).shape == (2, 1, 42, 36)


def test_a_masked_field_is_reconstructed_without_nan():
    model, (observed, _) = calibrated(LOFI), pair(2)
    observed[1, 2] = float("inf")
    assert torch.isfinite(model.reconstruct(observed)).all()


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"class": "resnet"}, "model: class is 'resnet'; expected one of identity, gaussian, .*, lofi"),
        ({}, "model: class is None; expected one of"),
        ("lofi", "model is 'lofi'; expected a mapping with class"),
        (UNET | {"feature": 8}, "model of class unet: unknown argument feature; expected inputs, features, levels"),
        ({"class": "lofi", "inputs": INPUTS}, "model of class lofi: missing argument geometry, network"),
        ({"class": "identity", "width": 3}, "model of class identity: unknown argument width; expected outputs"),
        (LOFI | {"inputs": {"channels": ["gamma"]}}, "channel 'gamma' is not observed; expected one of kappa_e"),
        (LOFI | {"inputs": {"channel": ["kappa_e"]}}, "inputs: unknown argument channel; expected channels"),
        (UNET | {"inputs": {}}, "inputs: missing argument channels"),
        (LOFI | {"loss": "huber"}, "loss is 'huber'; expected one of l1, l2"),
    ],
)
def test_wrong_descriptions_are_one_sentence(description, message):
    with pytest.raises(ValueError, match=message) as caught:
        build(description, CHANNELS, SIZE)
    assert "\n" not in str(caught.value)
