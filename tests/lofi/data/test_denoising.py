import numpy as np
import pytest

from lofi.data.denoising import DenoisingObservation
from lofi.data.lensing import LensingObservation
from simulations.tasks import observation_of

IMAGES = np.random.default_rng(0).random((4, 64, 64)).astype(np.float32)


def test_the_noise_has_the_level_that_the_channel_states():
    observed, truth = DenoisingObservation((0.01, 0.3), levels=4).observe_all(IMAGES, "test")
    assert observed.shape == (16, 2, 64, 64)
    level = observed[:, 1]
    np.testing.assert_array_equal(level, np.broadcast_to(level[:, :1, :1], level.shape))
    np.testing.assert_allclose(level[:4, 0, 0], np.geomspace(0.01, 0.3, 4), rtol=1e-6)
    spread = (observed[:, 0] - truth[:, 0]).std((1, 2)) / level[:, 0, 0]
    np.testing.assert_allclose(spread, 1.0, atol=5 / np.sqrt(2 * 64**2))
    np.testing.assert_array_equal(truth[::4, 0], IMAGES)


def test_training_levels_are_uniform_in_their_logarithm():
    observed, _ = DenoisingObservation((1e-4, 1e-1)).observe_many(IMAGES[:, :4, :4], [0] * 800, "levels")
    part = np.log(observed[:, 1, 0, 0] / 1e-4) / np.log(1e3)
    assert 0 <= part.min() < 0.02
    assert 0.98 < part.max() <= 1 + 1e-6
    assert abs(part.mean() - 0.5) < 4 / np.sqrt(12 * 800)


def test_a_name_gives_the_same_noise_and_another_name_other_noise():
    observation = DenoisingObservation((0.1, 0.1))
    first, again, other = (observation.observe_many(IMAGES, [2], *name)[0] for name in (["a"], ["a"], ["b"]))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first[:, 0], other[:, 0])


@pytest.mark.parametrize("noise", [(0.0, 0.1), (0.2, 0.1), (0.1, np.inf), (-1.0, 1.0)])
def test_impossible_levels_are_refused(noise):
    with pytest.raises(ValueError, match="expected two positive levels"):
        DenoisingObservation(noise)


def test_the_task_says_what_is_observed():
    field = {"pixels": 64, "extent_arcmin": 150.0}
    lensing = {"galaxy_density": 30.0, "ellipticity_dispersion": {"value": 0.3, "of": "per_component"}}
    made = observation_of({"task": "lensing", "field": field, "observation": lensing}, {"gradient": 0.1})
    assert isinstance(made, LensingObservation)
    assert made.depth.gradient == 0.1
    made = observation_of({"task": "denoising", "field": field, "observation": {"noise": [0.1, 0.2]}})
    assert made == DenoisingObservation((0.1, 0.2))
    with pytest.raises(ValueError, match="task is 'holography'"):
        observation_of({"task": "holography", "field": field, "observation": {}})
