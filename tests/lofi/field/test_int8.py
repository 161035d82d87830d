"""8-bit inference against the same steps in floating point, and against the field it was made from."""

import pytest
import torch

from lofi.field.int8 import LEVELS, WEIGHT_LEVELS, Int8Network, quantised
from lofi.field.mlp import MLP, MultiMLP
from lofi.models.registry import build

FIELD = {
    "class": "lofi",
    "inputs": {"channels": ["image"], "residual": "observed"},
    "geometry": {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0},
    "network": {"kind": "multimlp", "width": 40, "depth": 3, "chunk_outputs": 20},
}
DENOISER = {"class": "lofi_denoiser", "geometry": FIELD["geometry"], "network": FIELD["network"]}
WIDTHS = [8, 33, 370]  # of layers that fill a processor's registers and of others


def images(number=2):
    generator = torch.Generator().manual_seed(1)
    observed = torch.rand(number, 2, 24, 25, generator=generator)
    observed[:, 1] = 0.2
    return observed


def model_of(description):
    torch.manual_seed(0)
    model = build(description, ["image", "noise_std"], (24, 25))
    with torch.no_grad():
        for name, value in model.network.network.named_parameters():
            if name.endswith("weight"):  # outputs as large as inputs
                value.copy_(torch.randn_like(value) * (2 / value.shape[-2 if value.dim() == 3 else -1]) ** 0.5)
    return model.eval()


def emulated(patch, chunks, mixer, steps, mixer_steps):
    """What `Int8Network` computes, in float64, before its last layer: steps of the mixer's last hidden layer."""

    def layer(x, weight, bias, step):
        return (torch.relu(x @ weight.T + bias.T) / step).round().clamp(max=LEVELS) * step

    def rounded(weight):
        rows = weight.abs().amax(1, keepdim=True) / WEIGHT_LEVELS
        return (weight / rows).round() * rows

    features = []
    for x, layers, own in zip(patch.double(), chunks, steps, strict=True):
        (weight, bias), *inner = [(w.double(), b.double()) for w, b in layers]
        x = layer(x.T, weight, bias, own[0])
        for (weight, bias), step in zip(inner, own[1:], strict=True):
            x = layer(x, rounded(weight), bias, step)
        features.append(x)
    x = torch.cat(features, dim=1)
    for (weight, bias), step in zip(mixer[:-1], mixer_steps, strict=False):
        x = layer(x, rounded(weight.double()), bias.double(), step)
    weight, bias = mixer[-1]
    return (x @ weight.double().T + bias.double().T).T


@pytest.mark.parametrize("width", WIDTHS)
def test_integers_are_those_of_the_emulation(width):
    """One layer of integers per chunk and one in the mixer, all inputs at 255 and weights at ±63 among them."""
    torch.manual_seed(0)
    network = MultiMLP(3, 6, 1, width=width, depth=1, chunk_outputs=width)
    chunks, mixer = network.sequences()
    for layers in chunks:
        layers[1][0].copy_(layers[1][0].abs().sign() * 0.1)  # no product of a pair may saturate
    patch = torch.randn(3, 6, 50) * 4
    steps, mixer_steps = [[0.01, 0.005 * width]] * 3, [0.02 * width, 1.0]
    made = Int8Network(chunks, mixer, steps, mixer_steps)(patch)
    expected = emulated(patch, chunks, mixer, steps, mixer_steps)
    step = mixer_steps[0] * mixer[-1][0].abs().sum()  # all features off by one step
    assert (made - expected).abs().max() < 0.1 * step
    assert (made - expected).abs().median() < 1e-3 * step


@pytest.mark.parametrize("description", [FIELD, DENOISER, FIELD | {"network": {"kind": "mlp", "width": 40}}])
def test_a_quantised_field_is_close_to_the_field(description):
    model, observed = model_of(description), images()
    expected = model.reconstruct(observed)
    correction = (expected - observed[:, :1]).square().mean().sqrt()
    for sample in (observed, images(5)[3:]):
        difference = quantised(model, sample).reconstruct(observed) - expected
        assert difference.square().mean().sqrt() < 0.06 * correction
        assert difference.abs().max() > 0


def test_tiles_and_resolutions_agree():
    made, observed = quantised(model_of(FIELD), images()), images()
    whole = made.reconstruct(observed)
    torch.testing.assert_close(made.reconstruct(observed, tile=37), whole, rtol=0, atol=1e-5)
    assert made.reconstruct(observed, (48, 50)).shape == (2, 1, 48, 50)


def test_the_model_stays_as_it_was_and_the_copy_keeps_its_weights():
    model, observed = model_of(FIELD), images()
    before = model.reconstruct(observed)
    made = quantised(model, observed)
    assert torch.equal(model.reconstruct(observed), before)
    integer = made.reconstruct(observed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert torch.equal(made.reconstruct(observed), integer)
    assert not any(parameter.requires_grad for parameter in made.parameters())
    assert not list(made.network.network.parameters())


def test_only_fields_are_quantised():
    with pytest.raises(ValueError, match="int8 evaluation needs a local field; the model is a Wiener"):
        quantised(build({"class": "wiener"}, ["kappa_e", "noise_std"], (8, 8)), images())
    with pytest.raises(ValueError, match="int8 evaluation needs a local field"):
        quantised(quantised(model_of(FIELD), images()), images())


def test_a_plain_mlp_gives_its_layers():
    chunks, mixer = MLP(4, 6, 2, width=8, depth=2).sequences()
    assert chunks == []
    assert [tuple(weight.shape) for weight, _ in mixer] == [(8, 24), (8, 8), (2, 8)]
