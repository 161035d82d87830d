"""The point spread function on the doubled grid makes the normal operator."""

import numpy as np
import pytest

from lofi.radio.operator import VisibilityOperator
from lofi.seeds import stream

SHAPES = [(24, 24), (23, 23), (24, 17), (15, 32)]


def convolved(image, psf):
    """The image convolved with a PSF centred on (H, W) of twice its size."""
    transfer = np.fft.rfft2(np.fft.ifftshift(psf)).real
    return np.fft.irfft2(np.fft.rfft2(image, psf.shape) * transfer, psf.shape)[: image.shape[0], : image.shape[1]]


@pytest.fixture(scope="module")
def weights():
    return stream("interferometer", "weights").random(4032)


@pytest.mark.parametrize(
    ("dtype", "eps", "tolerance"), [(np.float64, 1e-12, 1e-9), (np.float64, 1e-10, 1e-9), (np.float32, 1e-6, 3e-6)]
)
@pytest.mark.parametrize("shape", SHAPES)
def test_convolution_is_the_normal_operator(points, weights, shape, dtype, eps, tolerance):
    operator = VisibilityOperator(*points, shape, eps=eps, dtype=dtype)
    image = stream("interferometer", "psf").standard_normal(shape)
    direct = operator.dirty(operator.forward(image), weights)
    assert np.linalg.norm(convolved(image, operator.psf(weights)) - direct) < tolerance * np.linalg.norm(direct)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_convolution_in_single_precision_is_the_normal_operator_in_double(points, weights, shape):
    operator = VisibilityOperator(*points, shape, eps=1e-12)
    image = stream("interferometer", "psf").standard_normal(shape)
    direct = operator.dirty(operator.forward(image), weights)
    single = convolved(image.astype(np.float32), operator.psf(weights).astype(np.float32))
    assert single.dtype == np.float32
    assert np.linalg.norm(single - direct) < 1e-6 * np.linalg.norm(direct)


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_even_with_peak_one_in_the_centre(points, weights, shape):
    psf = VisibilityOperator(*points, shape, dtype=np.float32, eps=1e-4).psf(weights)
    assert psf.shape == (2 * shape[0], 2 * shape[1])
    assert psf[shape] == psf.max() == pytest.approx(1.0, abs=1e-11)
    assert not psf[0].any()
    assert not psf[:, 0].any()
    assert psf[1:, 1:] == pytest.approx(psf[1:, 1:][::-1, ::-1], abs=1e-11)


def test_it_is_the_dirty_image_of_a_point_in_the_phase_centre(points, weights):
    operator = VisibilityOperator(*points, (24, 17))
    point = np.zeros((24, 17))
    point[12, 8] = 1.0
    dirty = operator.dirty(operator.forward(point), weights)
    assert operator.psf(weights)[12:36, 9:26] == pytest.approx(dirty, abs=1e-8)
