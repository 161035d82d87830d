"""The field: tiles, shifts, coordinates between pixels, filters, and the networks behind it."""

import pytest
import torch
from torch.nn import functional

from lofi.field.coordinates import pixel_centres
from lofi.field.filter import FourierFilter, SpatialFilter
from lofi.field.local_field import LocalField
from lofi.field.mlp import MLP, MultiMLP

SMALL = {"kind": "multimlp", "width": 8, "depth": 2, "chunk_outputs": 4}
RINGS = {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0}
FOURIER = {"kind": "fourier", "filters": 2, "padding": 3}
SPATIAL = {"kind": "spatial", "filters": 2, "pixels": 3}


def field_of(filter=None, network=SMALL, channels=2, size=(12, 12), outputs=1, dtype=torch.float32):
    torch.manual_seed(0)
    field = LocalField(channels, size, RINGS, network, filter, outputs)
    with torch.no_grad():
        for parameter in field.parameters():  # away from identities and from the grid
            parameter += 0.05 * torch.randn_like(parameter)
    return field.to(dtype)


def image_of(shape, batch=2, channels=2, dtype=torch.float32):
    return torch.randn(batch, channels, *shape, generator=torch.Generator().manual_seed(1)).to(dtype)


@pytest.mark.parametrize("filter", [None, FOURIER, SPATIAL])
@pytest.mark.parametrize("tile", [1, 37, None])
def test_a_batch_of_pixels_equals_the_whole_image(filter, tile):
    field, image = field_of(filter, outputs=2), image_of((9, 11))
    with torch.no_grad():
        whole = field(image, pixel_centres((9, 11)).expand(2, -1, -1))
    evaluated = field.evaluate(image, tile=tile)
    assert evaluated.shape == (2, 2, 9, 11)
    torch.testing.assert_close(evaluated, whole.transpose(1, 2).reshape(2, 2, 9, 11), rtol=0, atol=1e-6)


@pytest.mark.parametrize("filter", [None, SPATIAL])
@pytest.mark.parametrize("spacing", [1.0, 2.3, 9.0])  # at 9 patches leave the image and come back twice
@pytest.mark.parametrize("margin", [0, 3])
@pytest.mark.parametrize("tile", [7, None])
def test_samples_farther_apart_are_those_of_larger_frames(filter, spacing, margin, tile):
    field, image = field_of(filter, outputs=2, dtype=torch.float64), image_of((17, 14), dtype=torch.float64)
    spacings = torch.tensor([spacing, 1.5], dtype=torch.float64)
    centres = pixel_centres((17, 14)).double()
    expected = [
        field.evaluate(single[None], coordinates=centres, frames=(step * torch.eye(2).double()).expand(17 * 14, 2, 2))
        for single, step in zip(image, spacings, strict=True)
    ]
    inside = (..., slice(margin, 17 - margin), slice(margin, 14 - margin))
    evaluated = field.evaluate_spaced(image, spacings, tile=tile, margin=margin)
    torch.testing.assert_close(evaluated, torch.cat(expected)[inside], rtol=0, atol=1e-10)


def test_samples_farther_apart_at_another_resolution():
    field, image = field_of(dtype=torch.float64), image_of((9, 8), dtype=torch.float64)
    centres = pixel_centres((12, 16), (9, 8)).double()
    frames = 2.3 * torch.eye(2).double().expand(12 * 16, 2, 2)
    expected = field.evaluate(image, (12, 16), coordinates=centres, frames=frames)
    spacing = torch.tensor([2.3, 2.3], dtype=torch.float64)
    torch.testing.assert_close(field.evaluate_spaced(image, spacing, (12, 16)), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("filter", [None, SPATIAL])
def test_whole_pixel_shifts_are_exact_in_the_interior(filter):
    field, image = field_of(filter, dtype=torch.float64), image_of((24, 25), dtype=torch.float64)
    field_of_shifted = field.evaluate(image.roll((3, -2), dims=(-2, -1)))
    shifted_field = field.evaluate(image).roll((3, -2), dims=(-2, -1))
    inside = (..., slice(8, -8), slice(8, -8))
    torch.testing.assert_close(field_of_shifted[inside], shifted_field[inside], rtol=0, atol=1e-12)


@pytest.mark.parametrize("shape", [(24, 24), (18, 5)])
def test_other_resolutions_are_the_same_field(shape):
    field, image = field_of(), image_of((12, 12))
    y, x = torch.meshgrid(*((torch.arange(n) + 0.5) * 12 / n - 0.5 for n in shape), indexing="ij")
    coordinates = torch.stack([x, y], -1).reshape(1, -1, 2).expand(2, -1, -1)
    with torch.no_grad():
        expected = field.at(field.prepare(image), coordinates)[..., 0].reshape(2, 1, *shape)
    torch.testing.assert_close(field.evaluate(image, shape, tile=50), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [(12, 12), (11, 14)])
@pytest.mark.parametrize("shape", [(12, 12), (11, 14), (16, 9), (24, 24)])
def test_a_new_fourier_filter_is_the_identity(size, shape):
    image = image_of(shape)
    filtered = FourierFilter(2, size, filters=2, padding=4)(image)
    assert filtered.shape == (2, 8, *shape)
    for real, imaginary in (filtered[:, :4].split(2, dim=1), filtered[:, 4:].split(2, dim=1)):
        torch.testing.assert_close(real, image, rtol=0, atol=1e-5)
        assert imaginary.abs().max() < 1e-5


def test_a_complex_pair_is_filtered_as_one_complex_image():
    image = image_of((10, 13), dtype=torch.float64)
    pair = FourierFilter(2, (10, 13), complex_pair=True, padding=0).double()
    torch.testing.assert_close(pair(image), image)
    with torch.no_grad():
        pair.multiplier.copy_(torch.randn(pair.multiplier.shape, generator=torch.Generator().manual_seed(2)))
    multiplier = torch.fft.ifftshift(torch.complex(*pair.multiplier[:, 0]))
    expected = torch.fft.ifft2(torch.fft.fft2(torch.complex(image[:, 0], image[:, 1])) * multiplier)
    torch.testing.assert_close(pair(image), torch.view_as_real(expected).permute(0, 3, 1, 2))
    with pytest.raises(ValueError, match="complex_pair needs 2 input channels, not 3"):
        FourierFilter(3, (8, 8), complex_pair=True)


@pytest.mark.parametrize("shape", [(48, 48), (47, 60), (32, 33)])
def test_a_fourier_filter_keeps_its_frequencies_at_other_sizes(shape):
    def lowpass(size):
        axes = [(torch.arange(n, dtype=torch.float64) - n // 2) / n for n in size]
        return torch.exp(-40 * (axes[0][:, None] ** 2 + axes[1][None, :] ** 2))

    filter = FourierFilter(1, (32, 32), padding=0).double()
    with torch.no_grad():
        filter.multiplier[0, 0] = lowpass((32, 32))
    image = image_of(shape, channels=1, dtype=torch.float64)
    real, imaginary = filter(image).split(1, dim=1)
    expected = torch.fft.ifft2(torch.fft.fft2(image) * torch.fft.ifftshift(lowpass(shape))).real
    assert (real - expected).std() < 0.015 * expected.std()  # bicubic: 1 % of a filter that falls within a few modes
    assert imaginary.std() < 1e-3 * expected.std()


def test_a_new_spatial_filter_is_the_identity():
    image = image_of((9, 10))
    filtered = SpatialFilter(2, (9, 10), filters=1, pixels=5)(image)
    torch.testing.assert_close(filtered, image)
    with pytest.raises(ValueError, match="pixels is 4; expected an odd number"):
        SpatialFilter(2, (9, 10), pixels=4)


def test_filters_learn():
    for filter in (FOURIER, SPATIAL):
        field = field_of(filter)
        field(image_of((10, 10)), pixel_centres((10, 10)).expand(2, -1, -1)).sum().backward()
        assert all(p.grad is not None and p.grad.abs().max() > 0 for p in field.filter.parameters())
        assert field.geometry.offsets.grad.abs().max() > 0


def test_multimlp_is_a_loop_over_chunks():
    torch.manual_seed(3)
    network, patch = MultiMLP(5, 6, 2, width=7, depth=3, chunk_outputs=4), torch.randn(5, 6, 11)
    features = []
    for chunk in range(5):
        x = patch[chunk].T
        for layer in network.chunks[::2]:
            x = torch.relu(functional.linear(x, layer.weight[chunk].T, layer.bias[chunk, 0]))
        features.append(x)  # mixed after a ReLU
    x = torch.cat(features, dim=1)
    linears = list(network.mixer[::2])
    for layer in linears[:-1]:
        x = torch.relu(functional.linear(x, layer.weight, layer.bias))
    x = functional.linear(x, linears[-1].weight, linears[-1].bias)
    torch.testing.assert_close(network(patch), x.T)
    assert [len(network.chunks), len(network.mixer)] == [7, 7]  # three hidden layers each


def test_the_papers_configuration_has_its_size():
    geometry = {"kind": "circular", "rings": 9, "angles": 9}
    field = LocalField(1, (128, 128), geometry, {"kind": "multimlp", "width": 370, "depth": 3, "chunk_outputs": 100})
    assert sum(p.numel() for p in field.parameters()) == 3_446_503


def test_a_plain_mlp_may_read_the_patch():
    field = field_of(network={"kind": "mlp", "width": 8, "depth": 1})
    assert isinstance(field.network, MLP)
    assert [tuple(layer.weight.shape) for layer in field.network.layers[::2]] == [(8, 3 * 4 * 2), (1, 8)]
    assert field.evaluate(image_of((7, 8))).shape == (2, 1, 7, 8)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"network": {"kind": "transformer"}}, "network: kind is 'transformer'; expected one of multimlp, mlp"),
        ({"network": {"kind": "mlp", "chunk_outputs": 3}}, "unknown argument chunk_outputs; expected width, depth"),
        ({"filter": {"kind": "median"}}, "filter: kind is 'median'; expected one of fourier, spatial"),
        ({"filter": "fourier"}, "filter is 'fourier'; expected a mapping"),
    ],
)
def test_wrong_descriptions_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        field_of(**options)
