"""Replicas of an image: their moves, and the error of a problem whose posterior is known."""

import numpy as np
import pytest

from lofi.radio.beam import Beam
from lofi.radio.error_maps import BOUNDS, of_replicas
from lofi.radio.measurement import flat_part, measure
from lofi.radio.replicas import Replicas, random_move, replicas
from lofi.seeds import stream

SIGMA, SIZE = 0.3, 16


@pytest.mark.parametrize("shape", [(8, 8), (6, 10)])
def test_a_move_has_a_way_back(shape):
    image = stream("moves").normal(size=shape)
    moved = {random_move(shape, stream("moves", i))(image).tobytes() for i in range(50)}
    assert len(moved) > 40
    for i in range(50):
        move = random_move(shape, stream("moves", i))
        assert move(image).shape == shape
        assert np.array_equal(move.back(move(image)), image)


@pytest.fixture(scope="module")
def whole():
    """Every mode of the image measured once: the dirty image is the sky and white noise of SIGMA / SIZE."""
    frequency = 2 * np.pi * np.fft.fftfreq(SIZE)
    x, y = (axis.ravel() for axis in np.meshgrid(frequency, frequency))
    return measure([flat_part(x, y, np.zeros(SIZE**2, complex), np.full(SIZE**2, SIGMA), (SIZE, SIZE))], (SIZE, SIZE))


def test_replicas_of_white_noise_have_its_standard_deviation(whole):
    model = stream("replica sky").uniform(5, 6, (SIZE, SIZE))
    arguments = 60, whole.weighting("natural"), Beam(2.0, 2.0, 0.0)
    drawn = replicas(whole, model, lambda measurement, allowed, number: measurement.dirty[0], *arguments)
    error = SIGMA / SIZE
    assert drawn.model.std() == pytest.approx(error, rel=0.02)
    assert abs(drawn.model.mean()) < 0.1 * error
    again = replicas(whole, model, lambda measurement, allowed, number: measurement.dirty[0], 2, *arguments[1:])
    assert np.array_equal(again.model, drawn.model[:2])


def test_the_mask_moves_with_the_sky(whole):
    model = np.zeros((SIZE, SIZE))
    model[3, 5] = 1.0
    seen = []

    def recipe(measurement, allowed, number):
        seen.append(np.unravel_index(measurement.dirty[0].argmax(), allowed.shape))
        assert allowed[seen[-1]]
        assert allowed.sum() == 1
        return np.zeros_like(model)

    replicas(whole, model, recipe, 5, whole.weighting("natural"), Beam(2.0, 2.0, 0.0), allowed=model > 0)
    assert len(set(seen)) > 1


def test_bounds_hold_as_much_as_their_names_say():
    errors = stream("bounds").normal(0.5, 1.0, (8000, 4, 4)).astype(np.float32)  # the model is too high by 0.5
    maps = of_replicas(np.full((4, 4), 10.0), Replicas(errors, errors))
    expected = {"lo90": -1.645, "lo68": -0.994, "hi68": 0.994, "hi90": 1.645}
    for name in BOUNDS:
        assert maps.bounds[name].mean() == pytest.approx(9.5 + expected[name], abs=0.03)
    assert maps.error == pytest.approx(np.full((4, 4), 1.25**0.5), rel=0.05)
    assert min(image.min() for image in of_replicas(np.zeros((4, 4)), Replicas(errors, errors)).bounds.values()) == 0
