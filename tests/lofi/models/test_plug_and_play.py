"""The denoiser under the calling convention of deepinv: shapes, noise levels, units, and a plug-and-play algorithm."""

import pytest
import torch
from torch.nn import functional

from lofi.io.checkpoint import load_denoiser
from lofi.models.denoiser import FieldDenoiser
from lofi.models.plug_and_play import PlugAndPlayDenoiser
from lofi.priors.shipped import find


@pytest.fixture(scope="module")
def denoiser():
    return PlugAndPlayDenoiser(load_denoiser(find(None, "denoising"))[0])


@pytest.fixture(scope="module")
def sky():
    """Two blobs, (2, 1, 33, 40)."""
    y, x = torch.meshgrid(torch.linspace(-2, 2, 33), torch.linspace(-3, 3, 40), indexing="ij")
    return torch.stack([torch.exp(-(x**2) - y**2), torch.exp(-((x - 1) ** 2) - 3 * y**2)])[:, None]


class DocumentedPnP:
    """`deepinv.optim.PnP` as deepinv 0.5 documents it: `prox(x, sigma_denoiser, …)` is the denoiser at x."""

    def __init__(self, denoiser):
        self.denoiser = denoiser

    def prox(self, x, sigma_denoiser, *args, **kwargs):
        return self.denoiser(x, sigma_denoiser)


def noisy(sky, sigma=0.05):
    return sky + sigma * torch.randn(sky.shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("sigma", [0.05, torch.tensor(0.05), torch.tensor([0.05]), torch.full((2, 1, 1, 1), 0.05)])
def test_it_denoises_as_the_model_does(denoiser, sky, sigma):
    observed = noisy(sky)
    result = denoiser(observed, sigma)
    expected = denoiser.denoiser.denoise(observed[:, 0], torch.full((2,), 0.05))
    assert torch.equal(result[:, 0], expected)
    assert (result - sky).std() < 0.5 * (observed - sky).std()


def test_each_image_may_have_its_noise(denoiser, sky):
    together = denoiser(noisy(sky), torch.tensor([0.05, 0.1]))
    for index, sigma in enumerate((0.05, 0.1)):
        torch.testing.assert_close(together[index : index + 1], denoiser(noisy(sky)[index : index + 1], sigma))


def test_the_unit_of_the_image_does_not_matter(denoiser, sky):
    torch.testing.assert_close(denoiser(256 * noisy(sky), 12.8), 256 * denoiser(noisy(sky), 0.05), rtol=0, atol=1e-2)


def test_results_are_of_the_type_of_the_image_and_carry_no_gradient(denoiser, sky):
    result = denoiser(noisy(sky).double().requires_grad_(), 0.05, update_parameters=False)
    assert result.dtype == torch.float64
    assert not result.requires_grad


def test_it_deblurs_inside_a_plug_and_play_algorithm(denoiser, sky):
    """Proximal gradient descent on ‖Ax − y‖² / 2 as deepinv's `PGD` writes it, the prox from the documented PnP."""
    kernel = torch.ones(1, 1, 5, 5) / 25

    def blur(x):
        return functional.conv2d(x, kernel, padding=2)  # its own adjoint

    blurred, prior = noisy(blur(sky), 0.01), DocumentedPnP(denoiser)
    x = blurred
    for _ in range(15):
        x = prior.prox(x - blur(blur(x) - blurred), 0.02, gamma=1.0)
    assert (x - sky).square().mean() < 0.5 * (blurred - sky).square().mean()


@pytest.mark.parametrize(
    ("shape", "sigma", "message"),
    [
        ((33, 40), 0.05, r"x has the shape \(33, 40\); expected \(images, 1, height, width\)"),
        ((1, 3, 33, 40), 0.05, r"x has the shape \(1, 3, 33, 40\)"),
        ((2, 1, 33, 40), torch.full((3,), 0.1), "sigma has 3 values for 2 images"),
        ((2, 1, 33, 40), 0.0, "a denoiser needs a positive noise level"),
        ((2, 1, 33, 40), torch.tensor([0.1, float("nan")]), "a denoiser needs a positive noise level"),
    ],
)
def test_what_it_cannot_denoise_is_refused(denoiser, shape, sigma, message):
    with pytest.raises(ValueError, match=message):
        denoiser(torch.zeros(shape), sigma)


def test_it_is_a_module_and_any_denoiser_will_do():
    field = {"geometry": {"kind": "square", "size": 3}, "network": {"kind": "mlp", "width": 4, "depth": 1}}
    model = PlugAndPlayDenoiser(FieldDenoiser(["image", "noise_std"], (8, 8), **field).train())
    assert not model.denoiser.training
    assert model.double()(torch.rand(1, 1, 8, 9), 0.1).dtype == torch.float32
