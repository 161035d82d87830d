"""⟨A I, V⟩ = ⟨I, A* V⟩ for real images."""

import numpy as np
import pytest

from lofi.radio.operator import VisibilityOperator
from lofi.seeds import stream

SHAPES = [(16, 16), (15, 15), (16, 12), (9, 22), (1, 7)]


@pytest.mark.parametrize(("dtype", "eps", "tolerance"), [(np.float64, 1e-13, 1e-12), (np.float32, 1e-6, 1e-5)])
@pytest.mark.parametrize("shape", SHAPES)
def test_adjointness(scattered, shape, dtype, eps, tolerance):
    operator = VisibilityOperator(*scattered, shape, eps=eps, dtype=dtype)
    rng = stream("interferometer", "adjoint")
    image = rng.standard_normal(shape)
    visibilities = rng.standard_normal(len(operator)) + 1j * rng.standard_normal(len(operator))
    left = np.vdot(visibilities, operator.forward(image)).real
    right = np.vdot(operator.adjoint(visibilities), image)
    assert abs(left - right) < tolerance * np.linalg.norm(visibilities) * np.linalg.norm(operator.forward(image))


def test_dirty_is_the_adjoint_of_weighted_visibilities(scattered):
    operator = VisibilityOperator(*scattered, (8, 9))
    rng = stream("interferometer", "dirty")
    weights, visibilities = rng.random(200), rng.standard_normal(200) + 1j * rng.standard_normal(200)
    expected = operator.adjoint(visibilities * weights / weights.sum())
    assert operator.dirty(visibilities, weights) == pytest.approx(expected, abs=1e-14)
