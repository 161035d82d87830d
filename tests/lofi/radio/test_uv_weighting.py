"""Natural, uniform and Briggs weights."""

import numpy as np
import pytest

from lofi.radio.operator import VisibilityOperator
from lofi.radio.weighting import imaging_weights, normalised
from lofi.seeds import stream

SHAPE = (32, 40)


@pytest.fixture(scope="module")
def sigma():
    return stream("interferometer", "sigma").uniform(0.5, 2.0, 4032)


def half_width(psf):
    """Pixels above half of the peak."""
    return np.count_nonzero(psf > 0.5)


def natural(sigma):
    points = np.zeros((2, len(sigma)))
    return imaging_weights(*points, SHAPE, sigma, "natural")


def uniform(x, y, shape, sigma):
    return imaging_weights(x, y, shape, sigma, "uniform")


def briggs(x, y, shape, sigma, robust):
    return imaging_weights(x, y, shape, sigma, "briggs", robust)


def test_natural_weights_are_inverse_variances(sigma):
    weights = natural(sigma)
    assert weights.sum() == pytest.approx(1.0)
    assert weights * sigma**2 == pytest.approx(np.full(4032, 1 / (1 / sigma**2).sum()))


def test_natural_weights_survive_tiny_noise_and_drop_infinite_noise():
    assert natural(np.full(4, 1e-150)) == pytest.approx(np.full(4, 0.25))
    assert natural(np.array([1.0, np.inf])) == pytest.approx([1.0, 0.0])


def test_uniform_weights_give_every_cell_the_same(sigma):
    # cells of 2π/48 × 2π/40, 1.2 times those of the image: three points in column 2 to 3, row −4 to −3, one of them by
    # its conjugate; two in column 0 to 1, row −6 to −5; one in column 1 to 2, row −2 to −1
    cells = np.array([[2.3, -3.1], [-2.8, 3.7], [2.6, -3.4], [0.4, -5.1], [-0.4, 5.6], [1.1, -1.2]])
    x, y = (cells * 2 * np.pi / np.array([48, 40])).T
    weights = uniform(x, y, SHAPE, sigma[:6])
    assert weights[:3].sum() == pytest.approx(1 / 3)
    assert weights[3:5].sum() == pytest.approx(1 / 3)
    assert weights[5] == pytest.approx(1 / 3)
    assert weights[0] / weights[1] == pytest.approx((sigma[1] / sigma[0]) ** 2)


def test_a_point_and_its_conjugate_are_the_same(points, sigma):
    x, y = points
    flip = np.where(np.arange(4032) % 3, 1, -1)
    assert uniform(flip * x, flip * y, SHAPE, sigma) == pytest.approx(uniform(x, y, SHAPE, sigma), rel=1e-10)


def test_briggs_is_its_definition():
    # One cell with D = 2, two with D = 1 and equal noise: Σ D² / Σ w = (4 + 1 + 1) / 4.
    x, y = np.array([[3.3, 3.6, 6.0, 9.0], [-1.1, -1.2, -2.5, -3.5]]) * 2 * np.pi / np.array([[48], [40]])
    factor = (5 * 10**-0.5) ** 2 / 1.5
    expected = normalised(1 / (1 + factor * np.array([2, 2, 1, 1])))
    assert briggs(x, y, SHAPE, np.full(4, 3.0), 0.5) == pytest.approx(expected)


def test_briggs_goes_from_uniform_to_natural(points, sigma):
    assert briggs(*points, SHAPE, sigma, 9.0) == pytest.approx(natural(sigma), rel=1e-6)
    assert briggs(*points, SHAPE, sigma, -9.0) == pytest.approx(uniform(*points, SHAPE, sigma), rel=1e-6)
    operator = VisibilityOperator(*points, SHAPE)
    widths = [half_width(operator.psf(briggs(*points, SHAPE, sigma, robust))) for robust in (-2, 0, 2)]
    assert widths == sorted(widths)


def test_natural_has_the_least_noise_and_uniform_the_narrowest_beam(points, sigma):
    operator = VisibilityOperator(*points, SHAPE)
    choices = [uniform(*points, SHAPE, sigma), briggs(*points, SHAPE, sigma, 0.5), natural(sigma)]
    noise = [np.linalg.norm(weights * sigma) for weights in choices]
    assert noise[0] > noise[1] > noise[2] == pytest.approx((1 / sigma**2).sum() ** -0.5)
    assert half_width(operator.psf(choices[0])) < half_width(operator.psf(choices[2]))


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan])
def test_noise_must_be_positive(points, bad):
    with pytest.raises(ValueError, match="sigma must be positive"):
        natural(np.array([1.0, bad]))


def test_nonsense_is_refused(points, sigma):
    with pytest.raises(ValueError, match="robust is nan"):
        briggs(*points, SHAPE, sigma, np.nan)
    with pytest.raises(ValueError, match="4032, 4032 and 3"):
        uniform(*points, SHAPE, np.ones(3))
    for weights in (np.zeros(3), np.array([1.0, -1.0]), np.array([1.0, np.nan]), np.ones((2, 2))):
        with pytest.raises(ValueError, match="weights must be"):
            normalised(weights)
