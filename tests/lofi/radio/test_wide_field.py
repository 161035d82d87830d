"""The operator with the w-term is the direct sum over directions, and its adjoint belongs to it."""

import numpy as np
import pytest

from lofi.radio.wide_field import WideFieldOperator

CELL = 60 * np.pi / 180 / 3600


@pytest.fixture
def baselines():
    """Wavelengths, with phases of the w-term of some turns at the edge of the image."""
    u, v, w = np.random.default_rng(0).normal(0, 200, (3, 40))
    return u, v, 20 * w


@pytest.mark.parametrize("shape", [(64, 64), (63, 50), (48, 71)])
def test_it_is_the_direct_sum(baselines, shape):
    u, v, w = baselines
    (height, width), pixels = shape, ((40, 45, 1.0), (5, 8, 2.0), (0, 0, 0.5))
    image, expected = np.zeros(shape), np.zeros(len(u), complex)
    for row, column, flux in pixels:
        image[row, column] = flux
        east, north = -CELL * (column - width // 2), CELL * (row - height // 2)
        depth = np.sqrt(1 - east**2 - north**2) - 1
        expected += flux * np.exp(-2j * np.pi * (u * east + v * north + w * depth))
    found = WideFieldOperator(u, v, w, shape, CELL).forward(image)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_adjoint_belongs_to_it(baselines):
    operator, rng = WideFieldOperator(*baselines, (63, 50), CELL), np.random.default_rng(1)
    image, visibilities = rng.normal(size=(63, 50)), rng.normal(size=40) + 1j * rng.normal(size=40)
    left = (np.conj(operator.forward(image)) * visibilities).sum().real
    assert left == pytest.approx((image * operator.adjoint(visibilities)).sum(), rel=1e-5)
