"""Pictures through a change of coordinates: exact cases, smooth pictures, what is visible, refusals."""

import numpy as np
import pytest

from simulations.tasks import observation_of, scored_pixels
from simulations.warping import WarpingObservation

PICTURES = np.random.default_rng(0).random((5, 24, 24)).astype(np.float32)
KINDS = [{"kind": "transpose"}, {"kind": "rotation", "angle_deg": 30.0}, {"kind": "shear", "factor": 0.3}]


def waves(x, y):
    return np.sin(0.31 * x + 0.2) + np.cos(0.23 * y) * np.cos(0.17 * x - 0.4)


def test_a_transpose_is_exact():
    observed, truth = WarpingObservation("transpose").observe_all(PICTURES, "test")
    np.testing.assert_array_equal(truth[:, 0], PICTURES)
    np.testing.assert_array_equal(observed[:, 0], PICTURES.transpose(0, 2, 1))
    with pytest.raises(ValueError, match=r"shape \(4, 6\) cannot be transposed"):
        WarpingObservation("transpose").observe(np.zeros((4, 6)), None)


def test_a_quarter_turn_is_counter_clockwise_with_row_0_at_the_bottom():
    observed, _ = WarpingObservation("rotation", angle_deg=90.0).observe_all(PICTURES, "test")
    np.testing.assert_allclose(observed[:, 0], np.rot90(PICTURES[:, ::-1], axes=(1, 2))[:, ::-1], atol=1e-5)


def test_a_shear_moves_the_upper_rows_to_the_right():
    factor = 2 / 23  # the top row by one pixel, the bottom row by minus one
    observed, _ = WarpingObservation("shear", factor=factor).observe_all(PICTURES, "test")
    np.testing.assert_allclose(observed[:, 0, -1, 1:], PICTURES[:, -1, :-1], atol=1e-5)
    np.testing.assert_allclose(observed[:, 0, 0, :-1], PICTURES[:, 0, 1:], atol=1e-5)


@pytest.mark.parametrize("options", KINDS, ids=lambda o: o["kind"])
def test_the_truth_at_x_is_observed_at_its_place(options):
    """A picture of waves is known between pixels: the inverse of the places gives what is observed there."""
    observation = WarpingObservation(**options)
    y, x = np.indices((40, 40))
    observed, _ = observation.observe(waves(x, y), None)
    back = np.linalg.inv(observation.matrix)
    u, v = np.moveaxis((np.stack([x, y], -1) - 19.5) @ back.T + 19.5, -1, 0)
    inside = (np.minimum(u, v) > 8) & (np.maximum(u, v) < 31)
    np.testing.assert_allclose(observed[0][inside], waves(u, v)[inside], atol=1e-4)
    places = observation.places((40, 40))
    np.testing.assert_allclose((places - 19.5) @ back.T + 19.5, np.stack([x, y], -1), atol=1e-9)


def test_what_is_visible_lies_inside_the_observed_picture():
    assert WarpingObservation("transpose").visible((9, 9)).all()
    for options in KINDS[1:]:
        observation = WarpingObservation(**options)
        visible, places = observation.visible((32, 32)), observation.places((32, 32))
        assert 0.7 < visible.mean() < 0.95
        assert not visible[-1, -1] or not visible[0, 0]
        assert places[visible].min() >= -1e-6
        assert places[visible].max() <= 31 + 1e-6
        assert ((places[~visible] < 0) | (places[~visible] > 31)).any(-1).all()


def test_scores_count_what_is_visible():
    experiment = {"task": "warping", "observation": KINDS[1], "field": {"pixels": 20}}
    np.testing.assert_array_equal(scored_pixels(experiment, (20, 20)), observation_of(experiment).visible((20, 20)))
    assert scored_pixels({"task": "photography"}, (5, 7)).shape == (5, 7)
    assert scored_pixels({"task": "photography"}, (5, 7)).all()


@pytest.mark.parametrize("options", KINDS, ids=lambda o: o["kind"])
def test_training_pictures_are_turned_before_they_are_warped(options):
    observation = WarpingObservation(**options)
    observed, truth = observation.observe_many(PICTURES, [3] * 12, "test")
    assert len({picture.tobytes() for picture in truth}) > 3
    for seen, true in zip(observed, truth, strict=True):
        assert sorted(true.ravel()) == sorted(PICTURES[3].ravel())
        np.testing.assert_array_equal(seen, observation.observe(true[0], None)[0])


def test_parts_of_a_batch_are_those_of_the_batch():
    observation = WarpingObservation("shear", factor=0.2, sigma=0.1)
    whole = observation.observe_many(PICTURES, [0, 1, 2, 3], "test")
    part = observation.observe_many(PICTURES, [1, 3], "test", places=[1, 3])
    for own, all_of_them in zip(part, whole, strict=True):
        np.testing.assert_array_equal(own, all_of_them[1::2])


def test_noise_has_its_standard_deviation_and_is_absent_by_default():
    silent, _ = WarpingObservation("transpose").observe_all(PICTURES, "test")
    noisy, _ = WarpingObservation("transpose", sigma=0.2).observe_all(PICTURES, "test")
    assert (noisy - silent).std() == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "swirl"}, "kind is 'swirl'; expected one of transpose, rotation, shear"),
        ({"kind": "rotation"}, "angle_deg of a rotation is None; expected a number"),
        ({"kind": "rotation", "angle_deg": 30.0, "factor": 0.1}, "factor of a rotation is 0.1; expected nothing"),
        ({"kind": "shear", "factor": np.inf}, "factor of a shear is inf; expected a number"),
        ({"kind": "transpose", "sigma": -0.1}, "sigma is -0.1; expected 0 or a positive number"),
    ],
)
def test_nonsense_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        WarpingObservation(**options)
