"""Patches: bicubic samples against a direct computation, their gradients, and the geometries' first offsets."""

import math

import numpy as np
import pytest
import torch

from lofi.field.coordinates import pixel_centres
from lofi.field.patch import (
    GEOMETRIES,
    CircularGeometry,
    Shifts,
    SquareGeometry,
    sample,
    taps,
    windows,
    windows_at,
)
from lofi.options import construct

SIZES = [(8, 8), (7, 9), (12, 5)]


def image_of(shape, channels=2):
    return torch.randn(1, channels, *shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def kernel(distance, a=-0.75):
    """The cubic convolution kernel (Keys 1981)."""
    d = abs(distance)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * (d**3 - 5 * d**2 + 8 * d - 4) if d < 2 else 0.0


def reflected(index, size):
    """Index of the pixel seen at `index`, mirrored about the centres of the border pixels."""
    index = abs(index) % (2 * (size - 1))
    return min(index, 2 * (size - 1) - index)


def direct(image, x, y):
    """Bicubic value of an array (H, W) at one point, tap by tap."""
    height, width = image.shape
    total = 0.0
    for i in range(math.floor(y) - 1, math.floor(y) + 3):
        for j in range(math.floor(x) - 1, math.floor(x) + 3):
            total += kernel(y - i) * kernel(x - j) * image[reflected(i, height), reflected(j, width)]
    return total


@pytest.mark.parametrize("shape", SIZES)
def test_samples_at_pixel_centres_are_the_pixels(shape):
    image = image_of(shape)
    samples = sample(image, pixel_centres(shape).double()[None, None])
    torch.testing.assert_close(samples[:, :, 0], image.flatten(2), rtol=0, atol=1e-12)


@pytest.mark.parametrize("shape", SIZES)
def test_samples_equal_the_direct_sum_inside_and_outside(shape):
    image = image_of(shape)
    rng = np.random.default_rng(2)
    points = rng.uniform(-6.0, np.array(shape[::-1]) + 6.0, (60, 2))
    samples = sample(image, torch.from_numpy(points)[None, :, None])[0, :, :, 0].numpy()
    expected = [[direct(channel, x, y) for x, y in points] for channel in image[0].numpy()]
    np.testing.assert_allclose(samples, expected, rtol=0, atol=1e-10)


def test_an_image_of_one_row_can_be_sampled():
    image = image_of((1, 6))
    samples = sample(image, torch.tensor([[[[2.0, 0.0], [2.0, 0.7]]]], dtype=torch.float64))
    torch.testing.assert_close(samples[0, :, 0], image[0, :, 0, 2:3].expand(-1, 2))


def test_gradients_in_image_coordinates_and_offsets():
    image = image_of((6, 7)).requires_grad_()
    generator = torch.Generator().manual_seed(3)
    coordinates = (torch.rand(1, 3, 1, 2, generator=generator, dtype=torch.float64) * 8 - 1).requires_grad_()
    offsets = torch.randn(4, 2, generator=generator, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda q, x, d: sample(q, x + d), (image, coordinates, offsets))


def test_circular_geometry_starts_on_rings():
    geometry = CircularGeometry(rings=9, angles=9, radius=2.0)
    offsets = geometry.offsets.detach()
    assert offsets.shape == (9, 9, 2)
    torch.testing.assert_close(offsets.norm(dim=-1), (torch.arange(9) / 4).expand(9, 9))
    angles = torch.atan2(offsets[:, 1:, 1], offsets[:, 1:, 0]) % (2 * math.pi)
    torch.testing.assert_close(angles, (torch.arange(9) * 2 * math.pi / 9)[:, None].expand(9, 8), rtol=0, atol=1e-5)
    assert geometry.offsets.requires_grad
    assert not CircularGeometry(learnable=False).offsets.requires_grad


def test_square_geometry_lies_on_the_pixels():
    geometry = SquareGeometry(size=5)
    assert geometry.offsets.shape == (5, 5, 2)
    assert geometry.offsets[1, 4].tolist() == [2.0, -1.0]  # a chunk is a row: y fixed, x running
    assert not geometry.offsets.requires_grad
    image = image_of((9, 9), channels=1)
    patch = sample(image, torch.tensor([4.0, 4.0], dtype=torch.float64) + geometry.offsets.double()[None])
    torch.testing.assert_close(patch[0, 0], image[0, 0, 2:7, 2:7])


def test_centres_of_a_resampled_image():
    centres = pixel_centres((2, 4), (4, 4))
    assert centres.tolist()[:2] == [[0.0, 0.5], [1.0, 0.5]]
    assert centres.tolist()[-1] == [3.0, 2.5]
    chosen = torch.tensor([[7, 0], [3, 5]])
    assert torch.equal(pixel_centres((2, 4), (4, 4), pixels=chosen), centres[chosen])


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"kind": "hexagonal"}, "geometry: kind is 'hexagonal'; expected one of circular, square"),
        ("circular", "geometry is 'circular'; expected a mapping with kind"),
        (
            {"kind": "circular", "radii": 3},
            "geometry of kind circular: unknown argument radii; expected rings, angles, radius, learnable",
        ),
        ({"kind": "circular", "rings": 0}, "expected rings and angles of at least 1"),
        ({"kind": "square", "size": 4}, "size is 4; expected an odd number"),
    ],
)
def test_wrong_descriptions_are_named(description, message):
    with pytest.raises(ValueError, match=message):
        construct(GEOMETRIES, description, "geometry")


@pytest.mark.parametrize("radius", [0.4, 2.0, 3.7])
def test_a_window_times_its_taps_is_a_patch(radius):
    image = torch.randn(2, 3, 17, 13, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    offsets = CircularGeometry(3, 5, radius).offsets.detach().double().flatten(0, 1) + 0.123
    weights, reach = taps(offsets)
    patch = windows(image, reach).flatten(4) @ weights.T  # (B, C, H, W, K)
    centres = pixel_centres((17, 13)).double()
    expected = sample(image, (centres[:, None] + offsets).expand(2, -1, -1, -1))  # (B, C, P, K)
    torch.testing.assert_close(patch.flatten(2, 3), expected)


@pytest.mark.parametrize("shift", [0.0, 0.123])  # 0: samples on pixels
@pytest.mark.parametrize("radius", [0.4, 3.7, 12.0])
def test_shifts_of_an_image_are_its_patches(radius, shift):
    image = torch.randn(3, 17, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    offsets = CircularGeometry(3, 4, radius).offsets.detach().double().flatten(0, 1) + shift
    centres = pixel_centres((17, 16)).double().reshape(17, 16, 2)
    for top, left, height, width in ((0, 0, 17, 16), (4, 2, 5, 13), (16, 15, 1, 1)):
        points = centres[top : top + height, left : left + width].reshape(-1, 1, 2) + offsets
        torch.testing.assert_close(
            Shifts(image, offsets)(top, left, height, width), sample(image[None], points[None])[0].transpose(1, 2)
        )


def test_windows_at_pixels_are_those_of_the_view_and_so_are_their_gradients():
    image = torch.randn(2, 3, 9, 11, generator=torch.Generator().manual_seed(0), requires_grad=True)
    pixels = torch.tensor([[0, 10, 98, 47, 47], [5, 88, 0, 60, 98]])  # corners, an edge, one twice
    view = windows(image, 4).movedim(1, -1)[torch.arange(2)[:, None], pixels // 11, pixels % 11]  # (B, P, S, S, C)
    expected = view.permute(4, 2, 3, 0, 1).flatten(1, 2).flatten(2)
    chosen = windows_at(image, 4, pixels)
    assert torch.equal(chosen, expected)
    weights = torch.randn(chosen.shape, generator=torch.Generator().manual_seed(1))
    gradients = [torch.autograd.grad((made * weights).sum(), image)[0] for made in (chosen, expected)]
    torch.testing.assert_close(*gradients)


def test_taps_are_differentiable_in_the_offsets():
    offsets = torch.tensor([[0.3, -1.2], [1.7, 0.4]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda o: taps(o)[0], offsets)
