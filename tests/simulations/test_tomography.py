import numpy as np
import pytest

from simulations.parallel_beam import parallel_beam
from simulations.tasks import observation_of
from simulations.tomography import TomographyObservation

IMAGES = np.random.default_rng(0).random((20, 32, 32)).astype(np.float32)
IMAGES[:, :, 16:] *= 0.2


def test_the_noise_of_every_sinogram_has_the_stated_ratio():
    observation = TomographyObservation(32, angles=40, snr_db=20.0)
    beam = parallel_beam(32, 40)
    clean = beam.fbp(beam.project(IMAGES))
    observed, truth = observation.observe_all(IMAGES, "test")
    assert observed.shape == truth.shape == (20, 1, 32, 32)
    assert observed.dtype == truth.dtype == np.float32
    np.testing.assert_array_equal(truth[:, 0], IMAGES)
    level = 0.1 * np.sqrt(np.mean(beam.project(IMAGES) ** 2, (1, 2)))
    unit = np.random.default_rng(1).standard_normal((64, 40, beam.bins))
    expected = level * beam.fbp(unit).std()
    np.testing.assert_allclose((observed[:, 0] - clean).std((1, 2)), expected, rtol=0.2)


def test_without_noise_it_is_the_filtered_backprojection_alone():
    quiet = TomographyObservation(32, angles=40, snr_db=200.0).observe_all(IMAGES, "test")[0]
    beam = parallel_beam(32, 40)
    np.testing.assert_allclose(quiet[:, 0], beam.fbp(beam.project(IMAGES)), atol=1e-4)


def test_a_slice_is_the_same_alone_and_among_others_and_new_under_a_new_name():
    observation = TomographyObservation(32, angles=20)
    together, _ = observation.observe_all(IMAGES, "test")
    alone, _ = observation.observe_all(IMAGES[:1], "test")
    np.testing.assert_allclose(together[:1], alone, atol=1e-5)
    later, _ = observation.observe_all(IMAGES[18:], "test", first=18)
    np.testing.assert_allclose(together[18:], later, atol=1e-5)
    drawn, truth = observation.observe_many(IMAGES, [3, 3, 19], "train", 0)
    np.testing.assert_array_equal(truth[:, 0], IMAGES[[3, 3, 19]])
    assert not np.allclose(drawn[0], drawn[1])
    again, _ = observation.observe_many(IMAGES, [3, 3, 19], "train", 0)
    np.testing.assert_array_equal(drawn, again)
    part, _ = observation.observe_many(IMAGES, [19], "train", 0, places=[2])
    np.testing.assert_allclose(part[0], drawn[2], atol=1e-5)
    later, _ = observation.observe_many(IMAGES, [3, 3, 19], "train", 1)
    assert not np.allclose(drawn, later)


def test_the_task_builds_it():
    experiment = {"task": "tomography", "field": {"pixels": 32}, "observation": {"angles": 90, "snr_db": 35.0}}
    assert observation_of(experiment) == TomographyObservation(32, 90, 35.0)


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="snr_db is inf"):
        TomographyObservation(32, snr_db=float("inf"))
    with pytest.raises(ValueError, match=r"expected \(\.\.\., 32, 32\)"):
        TomographyObservation(32).observe_all(np.zeros((1, 16, 16)), "test")
