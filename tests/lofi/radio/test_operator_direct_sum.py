"""The operator is the direct sum, its error follows eps."""

import numpy as np
import pytest

from lofi.radio.operator import VisibilityOperator
from lofi.seeds import stream

SHAPES = [(16, 16), (15, 15), (16, 13), (9, 22)]


def matrix(x, y, shape):
    """The operator (M, H, W), written out."""
    row, column = (np.arange(n) - n // 2 for n in shape)
    return np.exp(-1j * (x[:, None, None] * column + y[:, None, None] * row[:, None]))


def relative(found, expected):
    return np.linalg.norm(found - expected) / np.linalg.norm(expected)


@pytest.mark.parametrize("eps", [1e-3, 1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize("shape", SHAPES)
def test_double_precision(scattered, shape, eps):
    operator = VisibilityOperator(*scattered, shape, eps=eps)
    rng = stream("interferometer", "direct")
    image, visibilities = rng.standard_normal(shape), rng.standard_normal(200) + 1j * rng.standard_normal(200)
    dense = matrix(*scattered, shape)
    assert relative(operator.forward(image), np.einsum("mhw,hw->m", dense, image)) < 5 * eps
    assert relative(operator.adjoint(visibilities), np.einsum("mhw,m->hw", dense.conj(), visibilities).real) < 5 * eps


def test_the_error_grows_with_eps(scattered):
    image = stream("interferometer", "direct").standard_normal((16, 16))
    exact = np.einsum("mhw,hw->m", matrix(*scattered, (16, 16)), image)
    errors = [relative(VisibilityOperator(*scattered, (16, 16), e).forward(image), exact) for e in (1e-12, 1e-9, 1e-4)]
    assert 1e4 * errors[0] < 1e2 * errors[1] < errors[2]


@pytest.mark.parametrize("shape", SHAPES)
def test_single_precision(scattered, shape):
    operator = VisibilityOperator(*scattered, shape, eps=1e-5, dtype=np.float32)
    image = stream("interferometer", "direct").standard_normal(shape).astype(np.float32)
    found = operator.forward(image)
    assert found.dtype == np.complex64
    assert operator.adjoint(found).dtype == np.float32
    assert relative(found, np.einsum("mhw,hw->m", matrix(*scattered, shape), image)) < 5e-5


def test_batches_are_the_images_one_by_one(scattered):
    operator = VisibilityOperator(*scattered, (8, 9))
    images = stream("interferometer", "batch").standard_normal((2, 3, 8, 9))
    visibilities = operator.forward(images)
    assert visibilities.shape == (2, 3, 200)
    assert np.array_equal(visibilities[1, 2], operator.forward(images[1, 2]))
    assert np.array_equal(operator.adjoint(visibilities)[0, 1], operator.adjoint(visibilities[0, 1]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.zeros(3)}, "expected .* both"),
        ({"x": np.full(200, np.nan)}, "NaN or inf"),
        ({"shape": (0, 4)}, "shape is"),
        ({"eps": 1e-16}, "eps is 1e-16 in float64"),
        ({"eps": 1e-9, "dtype": np.float32}, "eps is 1e-09 in float32"),
        ({"dtype": np.int64}, "in int64"),
    ],
)
def test_nonsense_is_refused(scattered, change, message):
    with pytest.raises(ValueError, match=message):
        VisibilityOperator(**{"x": scattered[0], "y": scattered[1], "shape": (8, 8)} | change)


def test_wrong_sizes_are_named(scattered):
    operator = VisibilityOperator(*scattered, (8, 9))
    with pytest.raises(ValueError, match=r"image is \(9, 8\); expected \(8, 9\)"):
        operator.forward(np.zeros((9, 8)))
    with pytest.raises(ValueError, match=r"visibilities are \(2, 7\); expected 200"):
        operator.adjoint(np.zeros((2, 7)))
    with pytest.raises(ValueError, match=r"weights are \(7,\)"):
        operator.psf(np.ones(7))
