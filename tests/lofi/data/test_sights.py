"""Pixel size and source redshift of each map: of the field, or drawn from its ranges or its split's."""

import numpy as np

from lofi.data.lensing import lensing_observation
from lofi.data.sights import Sight, each_sight, sights_of

FIELD = {"extent_arcmin": 64.0, "pixels": 32}
RANGED = FIELD | {"pixel_arcmin": [0.5, 4.0], "redshift": [0.4, 1.5]}
OPTIONS = {"galaxy_density": 30.0, "ellipticity_dispersion": {"value": 0.37, "of": "per_component"}}


def test_a_field_without_ranges_has_one_sight():
    assert sights_of(FIELD, {}, 0.9, range(3), ("a",)) == [Sight(2.0, 0.9)] * 3


def test_ranges_are_filled_evenly_and_by_number():
    sights = np.array(sights_of(RANGED, {}, 0.9, range(600), ("a",)))
    assert sights.min(0)[0] >= 0.5
    assert sights.max(0)[0] <= 4.0
    assert abs(np.median(np.log(sights[:, 0])) - np.log(np.sqrt(2.0))) < 0.15
    assert abs(np.median(sights[:, 1]) - 0.95) < 0.06
    assert np.array_equal(sights_of(RANGED, {}, 0.9, range(40, 50), ("a",)), sights[40:50])


def test_a_split_replaces_the_ranges():
    split = {"pixel_arcmin": [0.6, 0.6], "redshift": [0.7, 0.7]}
    assert np.allclose(sights_of(RANGED, split, 0.9, range(2), ("a",)), [0.6, 0.7])


def test_noise_follows_the_pixels_and_channels_say_the_sight():
    observation = lensing_observation(OPTIONS, RANGED)
    kappa = np.zeros((32, 32))
    for sight in (Sight(0.5, 0.4), Sight(4.0, 1.5)):
        observed, truth = observation.observe(kappa, np.random.default_rng(0), sight)
        assert observed.shape == (5, 32, 32) == (len(observation.channels), *truth.shape[1:])
        by_name = dict(zip(observation.channels, observed, strict=True))
        np.testing.assert_allclose(by_name["noise_std"], 0.37 / np.sqrt(30 * sight.pixel_arcmin**2), rtol=1e-6)
        assert (by_name["pixel_arcmin"] == np.float32(sight.pixel_arcmin)).all()
        assert (by_name["redshift"] == np.float32(sight.redshift)).all()
    assert len(lensing_observation(OPTIONS, FIELD).channels) == 3


def test_a_batch_observes_each_image_with_its_own_sight():
    observation = lensing_observation(OPTIONS, RANGED)
    each = each_sight({"sight": [[0.5, 0.4], [1.0, 0.5], [2.0, 0.6]]})
    observed, _ = observation.observe_many(np.zeros((3, 32, 32)), [2, 0], "a", each=each)
    assert observed[:, 3, 0, 0].tolist() == [2.0, 0.5]
    assert each_sight({}) is None
