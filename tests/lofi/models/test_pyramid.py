"""The multiscale denoiser: exact where it must be, better where the image is smooth, harmless where it is not."""

import pytest
import torch
from torch.nn import functional

from lofi.models.pyramid import doubled, halved, multiscale


def box(images, sigma):
    around = functional.pad(images[:, None], (2,) * 4, mode="replicate")
    return functional.avg_pool2d(around, 5, 1)[:, 0]


def patch_mean(images, sigma):
    """The mean of five by five pixels, pulled to the pixel where that is many sigma away."""
    mean = box(images, sigma)
    excess = ((images - mean) / (3 * sigma[:, None, None])) ** 2
    return mean + (images - mean) * excess / (1 + excess)


def noisy(truth, sigma):
    return truth + sigma * torch.randn(truth.shape, generator=torch.Generator().manual_seed(0), dtype=truth.dtype)


def rms(images):
    return images.square().mean().sqrt().item()


def test_no_scale_is_the_denoiser_itself():
    assert multiscale(patch_mean, 0) is patch_mean


@pytest.mark.parametrize("shape", [(64, 64), (37, 50), (33, 31)])
def test_a_perfect_denoiser_is_left_alone(shape):
    images = torch.rand(2, *shape, dtype=torch.float64)
    sigma = torch.tensor([0.1, 0.2], dtype=torch.float64)
    made = multiscale(lambda z, s: z.clone(), 2)(images, sigma)
    torch.testing.assert_close(made, images)


@pytest.mark.parametrize("shape", [(96, 96), (75, 90)])
def test_smooth_images_gain(shape):
    rows, columns = (torch.linspace(0, 1, side, dtype=torch.float64) for side in shape)
    truth = (torch.sin(2 * rows)[:, None] * torch.cos(columns)[None, :])[None]
    sigma = torch.full((1,), 0.05, dtype=torch.float64)
    images = noisy(truth, 0.05)
    alone, helped = (rms(multiscale(box, scales)(images, sigma) - truth) for scales in (0, 2))
    assert helped < 0.85 * alone


def test_detail_that_a_coarse_pixel_cannot_show_is_kept():
    truth = torch.zeros(1, 64, 64, dtype=torch.float64)
    truth[0, ::8, ::8] = 1.0
    sigma = torch.full((1,), 0.01, dtype=torch.float64)
    images = noisy(truth, 0.01)
    made = multiscale(patch_mean, 2)(images, sigma)
    assert (made - truth)[0, ::8, ::8].abs().max() < 0.1


def test_it_is_homogeneous_and_treats_each_image_alone():
    images = torch.rand(2, 32, 32, dtype=torch.float64)
    sigma = torch.tensor([0.1, 0.3], dtype=torch.float64)
    denoise = multiscale(patch_mean, 2)
    torch.testing.assert_close(denoise(1e-3 * images, 1e-3 * sigma), 1e-3 * denoise(images, sigma))
    torch.testing.assert_close(denoise(images, sigma)[1:], denoise(images[1:], sigma[1:]))


def test_halving_and_doubling_keep_a_slope_in_place():
    slope = torch.arange(40, dtype=torch.float64).expand(1, 40, 40)
    error = (doubled(halved(slope), (40, 40)) - slope)[:, 6:-6, 6:-6]
    assert error.abs().max() < 0.1  # of this bicubic kernel
    assert abs(error.mean()) < 1e-9
    assert doubled(halved(slope[:, :39, :37]), (39, 37)).shape == (1, 39, 37)
