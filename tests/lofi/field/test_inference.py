"""Inference against a direct transcription of the paper's equations, and with the network's weights of the moment."""

import pytest
import torch
from rounding import BICUBIC, rounding, terms_of
from torch.nn import functional

from lofi.field.inference import WIDE, arranged
from lofi.field.local_field import LocalField
from lofi.field.mlp import MLP, MultiMLP
from lofi.models.denoiser import FieldDenoiser

RINGS = {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0}
NETWORKS = [
    {"kind": "multimlp", "width": WIDE, "depth": 2, "chunk_outputs": 5},
    {"kind": "multimlp", "width": 8, "depth": 3, "chunk_outputs": 4},
    {"kind": "mlp", "width": WIDE, "depth": 1},
]
FOURIER = {"kind": "fourier", "filters": 2, "padding": 3}


def field_of(network, filter=None, dtype=torch.float64, outputs=2, conditioned=False):
    torch.manual_seed(0)
    field = LocalField(2 - conditioned, (12, 12), RINGS, network, filter, outputs, conditioned).to(dtype)
    with torch.no_grad():
        for parameter in field.parameters():  # away from identities and from the grid
            parameter += 0.05 * torch.randn_like(parameter)
    return field


@torch.no_grad()
def transcribed(field, image):
    """The field at all pixel centres by `grid_sample` and separate MLPs: (1, outputs, H, W)."""
    if field.filter is not None:
        image = torch.cat([field.filter(image), image], dim=1)
    height, width = image.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    positions = torch.stack([x, y], dim=-1).reshape(-1, 1, 2) + field.geometry.offsets.flatten(0, 1)
    grid = 2 * positions / torch.tensor([width - 1, height - 1]) - 1
    patch = functional.grid_sample(
        image, grid[None].to(image), mode="bicubic", padding_mode="reflection", align_corners=True
    )
    patch = patch[0].permute(1, 2, 0).unflatten(1, field.geometry.offsets.shape[:2]).flatten(2)  # (P, A, R·C)
    chunks, mixer = field.network.sequences()
    features = [torch.relu(_mlp(patch[:, angle], layers)) for angle, layers in enumerate(chunks)]
    x = torch.cat(features, dim=1) if chunks else patch.flatten(1)
    return _mlp(x, mixer).T.reshape(1, -1, height, width)


def _mlp(x, layers):
    for number, (weight, bias) in enumerate(layers):
        x = functional.linear(torch.relu(x) if number else x, weight, bias.flatten())
    return x


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("filter", [None, FOURIER])
@pytest.mark.parametrize(("shape", "tile"), [((12, 12), None), ((11, 17), 40), ((9, 8), 1)])
def test_evaluation_is_the_transcription_borders_included(network, filter, shape, tile):
    field = field_of(network, filter)
    image = torch.randn(1, 2, *shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    expected = transcribed(field, image)
    scale = float(expected.abs().max())
    torch.testing.assert_close(field.evaluate(image, tile=tile), expected, rtol=0, atol=1e-13 * scale)
    single = field.float().evaluate(image.float(), tile=tile).double()
    assert (single - expected).abs().max() < rounding(BICUBIC + terms_of(field.network), expected)


def test_a_wide_network_is_passed_chunk_by_chunk_with_equal_results():
    network = MultiMLP(4, 6, 2, width=WIDE, depth=3, chunk_outputs=7)
    made = arranged(network, torch.device("cpu"))
    assert made is not network
    for pixels in (50, 50, 13):  # arrays that are used again, and a last tile of another size
        patch = torch.randn(4, 6, pixels)
        expected = network(patch).detach()
        bound = rounding(terms_of(network), expected)
        torch.testing.assert_close(made(patch), expected, rtol=0, atol=bound)


def test_narrow_networks_and_those_on_a_gpu_stay_as_they_are():
    narrow, wide = MLP(4, 6, 1, width=WIDE - 1), MLP(4, 6, 1, width=WIDE)
    assert arranged(narrow, torch.device("cpu")) is narrow
    assert arranged(wide, torch.device("cuda")) is wide


def test_tiles_do_not_share_results():
    made = arranged(MLP(4, 6, 1, width=WIDE), torch.device("cpu"))
    first = made(torch.randn(4, 6, 10))
    before = first.clone()
    made(torch.randn(4, 6, 10))
    assert torch.equal(first, before)


def test_changed_weights_are_seen():
    field, image = field_of(NETWORKS[0]), torch.randn(1, 2, 9, 9, dtype=torch.float64)
    before = field.evaluate(image)
    with torch.no_grad():
        field.network.chunks[0].weight.mul_(2.0)
    after = field.evaluate(image)
    assert (after - before).abs().max() > 1e-3
    torch.testing.assert_close(after, transcribed(field, image))
    field.load_state_dict(field_of(NETWORKS[0]).state_dict())
    torch.testing.assert_close(field.evaluate(image), before)


def test_a_wide_denoiser_evaluates_as_it_trains():
    torch.manual_seed(0)
    model = FieldDenoiser(("image", "noise_std"), (12, 12), RINGS, NETWORKS[0])
    observed = torch.rand(2, 2, 12, 13) + 0.1
    pixels = torch.arange(12 * 13).expand(2, -1)
    noise = model.network.at_pixels(observed[:, :1], pixels, (12, 13), observed[:, 1].flatten(1))[..., 0]
    expected = observed[:, 0] - observed[:, 1] * noise.detach().unflatten(1, (12, 13))
    torch.testing.assert_close(model.reconstruct(observed)[:, 0], expected, rtol=0, atol=1e-6)
