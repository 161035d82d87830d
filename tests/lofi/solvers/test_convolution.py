"""The normal operator against direct Fourier sums."""

import numpy as np
import pytest
import torch
from direct_interferometer import measurement
from scipy.sparse.linalg import LinearOperator, eigsh

from lofi.radio.operator import VisibilityOperator
from lofi.solvers.convolution import Convolution

SHAPES = [(8, 8), (9, 9), (7, 12), (13, 5), (1, 6)]


def images_of(shape, batch=4, dtype=torch.float64):
    return torch.randn(batch, *shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64).to(dtype)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-13)])
def test_it_is_the_normal_operator(shape, dtype, tolerance):
    data = measurement(shape, uniform=False)
    images = images_of(shape, dtype=dtype)
    expected = images.double().flatten(1).numpy() @ data.normal
    result = Convolution(data.psf, dtype)(images)
    assert result.dtype == dtype
    error = np.linalg.norm(result.double().flatten(1).numpy() - expected) / np.linalg.norm(expected)
    assert error < tolerance


@pytest.mark.parametrize("shape", SHAPES)
def test_symmetric_and_positive_semi_definite(shape):
    pixels = shape[0] * shape[1]
    identity = torch.eye(pixels, dtype=torch.float64).reshape(pixels, *shape)
    dense = Convolution(measurement(shape, uniform=False).psf, torch.float64)(identity).reshape(pixels, pixels)
    assert torch.allclose(dense, dense.T, rtol=0, atol=1e-14)
    assert float(torch.linalg.eigvalsh(dense).min()) > -1e-12


def test_any_leading_axes_and_any_chunks_give_the_same(monkeypatch):
    convolution = Convolution(measurement((8, 9)).psf)
    images = images_of((8, 9), batch=6, dtype=torch.float32)
    expected = torch.stack([convolution(image) for image in images])
    assert torch.equal(convolution(images), expected)
    assert torch.equal(convolution(images.reshape(2, 3, 8, 9)), expected.reshape(2, 3, 8, 9))
    monkeypatch.setattr("lofi.solvers.convolution.CACHED_PIXELS", 4 * 72)
    assert torch.equal(convolution(images), expected)


@pytest.mark.parametrize("shape", [(8, 8), (7, 12)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_norm_is_the_largest_eigenvalue(shape, dtype):
    data = measurement(shape)
    assert Convolution(data.psf, dtype).norm == pytest.approx(np.linalg.eigvalsh(data.normal)[-1], rel=1e-3)


def test_the_norm_of_many_baselines_is_that_of_the_sparse_solver():
    """A dense coverage of 96² pixels: eigenvalues as near to each other as those of a long track."""
    rng, size = np.random.default_rng(3), 96
    x, y = rng.normal(0, 0.5, (2, 4000)).clip(-3, 3)
    convolution = Convolution(VisibilityOperator(x, y, (size, size)).psf(np.ones(4000)), torch.float64)

    def product(vector):
        return convolution(torch.from_numpy(vector.reshape(1, size, size))).numpy().ravel()

    dense = LinearOperator((size**2, size**2), product, dtype=float)
    expected = eigsh(dense, k=1, return_eigenvectors=False, rng=1)[0]
    assert convolution.norm == pytest.approx(expected, rel=1e-3)


def test_a_constant_is_one_more_visibility():
    psf, images = measurement((7, 12)).psf, images_of((7, 12))
    more = Convolution(psf, torch.float64).plus(0.25)
    raised = Convolution(psf + 0.25, torch.float64)
    assert torch.allclose(more(images), raised(images), rtol=0, atol=1e-12)
    assert more.norm == pytest.approx(raised.norm, rel=1e-9)


def test_unfit_psf_or_images_are_refused():
    psf = measurement((8, 8)).psf
    with pytest.raises(ValueError, match="expected \\(2H, 2W\\)"):
        Convolution(psf[1:])
    with pytest.raises(ValueError, match="mirror image"):
        Convolution(np.roll(psf, 1, axis=0))
    with pytest.raises(ValueError, match="NaN"):
        Convolution(np.where(psf == psf.max(), np.nan, psf))
    with pytest.raises(ValueError, match="expects \\(8, 8\\)"):
        Convolution(psf)(torch.zeros(1, 8, 9))


def _even_psf(height, width):
    psf = torch.rand(2 * height, 2 * width, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    psf[1:, 1:] += psf[1:, 1:].flip(0, 1).clone()
    return psf


def test_the_circulant_averages_the_diagonals_of_the_matrix():
    height, width, constant, shift = 4, 5, 0.3, 50.0
    convolution = Convolution(_even_psf(height, width), torch.float64).plus(constant)
    pixels = [(row, column) for row in range(height) for column in range(width)]
    matrix = convolution(torch.eye(height * width, dtype=torch.float64).reshape(-1, height, width)).flatten(1)
    circulant = torch.zeros_like(matrix)
    for row, column in pixels:  # what one pixel sees of another, by their distance around the torus
        others = [(r + row) % height * width + (c + column) % width for r, c in pixels]
        circulant[range(len(pixels)), others] = matrix[range(len(pixels)), others].mean()
    image = torch.rand(1, height, width, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    values, vectors = torch.linalg.eigh(circulant)
    expected = vectors @ ((vectors.T @ image.flatten()) / (values.clamp(min=0) + shift))
    near = convolution.inverse(image, torch.full((1, 1, 1), shift, dtype=torch.float64))
    torch.testing.assert_close(near.flatten(), expected)
