"""Data terms against dense algebra and loose visibilities."""

import numpy as np
import pytest
import torch
from direct_interferometer import measurement

from lofi.solvers.conjugate_gradient import inner
from lofi.solvers.convolution import Convolution
from lofi.solvers.data_terms import Deconvolution, Inpainting, least_squares_scale

ALPHA = torch.tensor([0.3, 0.03, 0.003], dtype=torch.float64)


def deconvolution(data, dtype=torch.float64, **options):
    dirty = torch.as_tensor(data.dirty, dtype=dtype)
    return Deconvolution(data.psf, dirty, data.noise, data.power, data.visibilities.shape[1], **options)


def inpainting(noise=0.1):
    generator = torch.Generator().manual_seed(3)
    truth = torch.rand(3, 6, 7, generator=generator, dtype=torch.float64)
    observed = truth + noise * torch.randn(3, 6, 7, generator=generator, dtype=torch.float64)
    mask = torch.rand(3, 6, 7, generator=generator) < 0.6
    return Inpainting(torch.where(mask, observed, 1e6), mask, torch.full((3,), noise)), truth


def images_like(images, seed=5):
    return torch.randn(images.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def cases():
    """A term of each kind and zeros of its images' shape."""
    data = measurement((7, 8))
    inpainted = inpainting()[0]
    return [
        pytest.param(deconvolution(data, tolerance=1e-12), torch.zeros(3, 7, 8).double(), id="deconvolution"),
        pytest.param(inpainted, torch.zeros_like(inpainted.observed), id="inpainting"),
    ]


@pytest.mark.parametrize("shape", [(8, 8), (7, 10)])
def test_prox_of_a_deconvolution_is_the_dense_solution(shape):
    data = measurement(shape)
    term = deconvolution(data, tolerance=1e-10, max_iterations=500)
    z = images_like(term.dirty)
    x, solved = term.prox(z, ALPHA)
    for i in range(3):
        dense = torch.as_tensor(data.normal) / term.norm + ALPHA[i] * torch.eye(z[i].numel())
        rhs = term.dirty[i] / term.norm + ALPHA[i] * z[i]
        assert torch.allclose(x[i].flatten(), torch.linalg.solve(dense, rhs.flatten()), atol=1e-7, rtol=0)
    assert (solved["cg_iterations"] > 0).all()
    again, none = term.prox(z, ALPHA, start=x)
    assert torch.equal(again, x)
    assert (none["cg_iterations"] == 0).all()


@pytest.mark.parametrize(("term", "zeros"), cases())
def test_prox_solves_its_optimality_condition(term, zeros):
    z = images_like(zeros)
    x, _ = term.prox(z, ALPHA)
    slope = term.gradient(x) + ALPHA[:, None, None] * (x - z)
    assert float(slope.abs().max()) < 1e-9 * float(term.gradient(zeros).abs().max())
    near, _ = term.prox(z, torch.full((3,), 1e10))
    assert torch.allclose(near, z, atol=1e-3, rtol=0)


@pytest.mark.parametrize(("term", "zeros"), cases())
def test_the_gradient_has_the_lipschitz_constant_one(term, zeros):
    pixels = torch.eye(zeros[0].numel(), dtype=zeros.dtype).reshape(-1, 1, *zeros.shape[1:])
    columns = [(term.gradient(pixel + zeros) - term.gradient(zeros))[0].flatten() for pixel in pixels]
    assert float(torch.linalg.eigvalsh(torch.stack(columns))[-1]) == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_chi2_is_that_of_the_visibilities(dtype):
    data = measurement((8, 9), visibilities=400, sigma=0.3)
    term = deconvolution(data, dtype)
    for images in (data.sky, np.zeros_like(data.sky), 1.1 * data.sky):
        residual = data.visibilities - images.reshape(3, -1) @ data.matrix.T
        expected = (np.abs(residual) ** 2).mean(axis=1) / (2 * data.sigma**2)
        result = term.chi2(torch.as_tensor(images, dtype=dtype))
        assert result.dtype == torch.float64
        assert result.numpy() == pytest.approx(expected, rel=1e-3 if dtype == torch.float32 else 1e-9)
    assert term.chi2(torch.as_tensor(data.sky, dtype=dtype)).numpy() == pytest.approx(1.0, abs=0.25)


def test_the_heuristic_level_is_the_noise_over_the_root_of_the_norm():
    data = measurement((8, 8))
    term = deconvolution(data)
    assert term.norm == pytest.approx(np.linalg.eigvalsh(data.normal)[-1], rel=1e-3)
    assert term.heuristic.numpy() == pytest.approx(data.noise / term.norm**0.5)


def test_the_scaled_dirty_image_fits_best():
    data = measurement((8, 8))
    term = deconvolution(data)
    scaled = least_squares_scale(term.dirty, term)
    for i in range(3):
        model = data.matrix @ data.dirty[i].ravel()
        best = np.vdot(model, data.visibilities[i]).real / np.vdot(model, model).real
        assert scaled[i].numpy() == pytest.approx(best * data.dirty[i], rel=1e-9)
    assert torch.equal(least_squares_scale(torch.zeros_like(scaled), term), torch.zeros_like(scaled))


def test_a_convolution_may_be_shared():
    data = measurement((8, 8))
    shared = Convolution(data.psf, torch.float32)
    term = Deconvolution(shared, torch.as_tensor(data.dirty), data.noise, data.power, 60)
    assert term.convolution is shared
    assert term.dirty.dtype == torch.float32


def test_inpainting_keeps_what_is_masked_and_ignores_what_lies_there():
    term, truth = inpainting()
    z = images_like(truth)
    x, _ = term.prox(z, ALPHA)
    masked = term.mask == 0
    assert torch.allclose(x[masked], z[masked], atol=1e-12, rtol=0)
    assert float(x.abs().max()) < 10  # 1e6 under the mask
    tight, _ = term.prox(z, torch.full((3,), 1e-12))
    assert torch.allclose(tight[~masked], term.observed[~masked], atol=1e-9)


def test_chi2_of_inpainting_counts_observed_pixels():
    term, truth = inpainting()
    assert term.chi2(truth).numpy() == pytest.approx(1.0, abs=0.6)
    shifted = torch.where(term.mask > 0, term.observed + 0.2, 0.0)
    assert term.chi2(shifted).numpy() == pytest.approx(4.0)
    assert torch.isnan(inpainting(noise=0.0)[0].chi2(truth)).all()


def test_unfit_input_is_refused():
    data = measurement((8, 8))
    dirty = torch.as_tensor(data.dirty)
    with pytest.raises(ValueError, match="noise \\(2,\\)"):
        Deconvolution(data.psf, dirty, data.noise[:2], data.power, 60)
    with pytest.raises(ValueError, match="NaN"):
        Deconvolution(data.psf, dirty * float("nan"), data.noise, data.power, 60)
    with pytest.raises(ValueError, match="noise positive"):
        Deconvolution(data.psf, dirty, 0 * data.noise, data.power, 60)
    with pytest.raises(ValueError, match="not be negative"):
        Inpainting(dirty, dirty > 0, -data.noise)


def test_inner_products_are_per_image():
    images = images_like(torch.empty(3, 4, 5))
    assert torch.allclose(inner(images, 2 * images), 2 * images.square().flatten(1).sum(1))
