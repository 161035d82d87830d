"""Training crops: averages, dynamic range, refusals."""

import numpy as np
import pytest

from lofi.data.crops import exponentiate, training_crops
from lofi.data.resampling import averaged
from lofi.seeds import stream
from simulations.images.on_demand import OnDemand


@pytest.fixture
def images():
    return stream("crops", "images").random((3, 40, 48)).astype(np.float32)


def test_averages_over_whole_pixels_are_block_means(images):
    blocks = images[0][4:36, 8:40].reshape(16, 2, 16, 2).mean((1, 3))
    assert averaged(images[0], (4, 8), 32, 16) == pytest.approx(blocks, abs=1e-6)


def test_averages_over_parts_of_pixels_weigh_them_by_their_area():
    image = np.arange(16.0)[:, None] + 100 * np.arange(16.0)
    rows, columns = 1.3 + 2.4 * np.arange(5) + 1.2 - 0.5, 0.9 + 2.4 * np.arange(5) + 1.2 - 0.5
    assert averaged(image, (1.3, 0.9), 12, 5)[1:-1, 1:-1] == pytest.approx(
        (rows[:, None] + 100 * columns)[1:-1, 1:-1], abs=0.15 * 101
    )
    total = averaged(image, (0.25, 0.5), 15, 6).sum() * 2.5**2
    weights = [np.r_[0.75, np.ones(14), 0.25], np.r_[0.5, np.ones(14), 0.5]]
    assert total == pytest.approx(weights[0] @ image @ weights[1])


def test_exponentiation_keeps_the_ends_and_the_order_and_darkens():
    x = np.linspace(0, 1, 50)
    for a in (1.0, 30.0, 1000.0):
        y = exponentiate(x, a)
        assert y[[0, -1]] == pytest.approx([0, 1])
        assert (np.diff(y) > 0).all()
        assert (y[1:-1] < x[1:-1]).all()
    assert exponentiate(np.array([0.5]), 8.0) == pytest.approx([(9**0.5 - 1) / 8])
    assert exponentiate(x, 1e-6) == pytest.approx(x, abs=1e-6)


def test_crops_have_the_promised_range(images):
    crops = training_crops(images, range(30), 30, 16, "crops", 1)
    assert crops.shape == (30, 16, 16)
    assert crops.dtype == np.float32
    assert (crops >= 0).all()
    assert (crops.max(axis=(1, 2)) == 1).all()


def test_crops_are_a_function_of_the_stream_and_leave_the_images_alone(images):
    before = images.copy()
    crops = [training_crops(images, range(4), 4, 16, "crops", seed) for seed in (1, 1, 2)]
    assert (crops[0] == crops[1]).all()
    assert (crops[0] != crops[2]).any()
    assert (images == before).all()


def test_a_crop_depends_on_its_number_alone_and_needs_few_images(images):
    asked = []
    lazy = OnDemand(3, lambda number: asked.append(number) or images[number])
    whole = training_crops(images, range(9), 9, 16, "crops", "parts", sums=0)
    parts = [training_crops(lazy, numbers, 9, 16, "crops", "parts", sums=0) for numbers in (range(3, 6), [8])]
    assert (np.concatenate(parts) == whole[[3, 4, 5, 8]]).all()
    assert asked == [1, 2]
    with pytest.raises(IndexError, match="images 0 to 2, not 3"):
        lazy[3]


def test_crops_without_widening_are_parts_of_the_image_in_eight_orientations():
    ramp = np.arange(64.0)[:, None] + 100 * np.arange(64.0) + 1
    crops = training_crops([ramp], range(60), 60, 16, "crops", "ramp", zoom=(2, 2), exponentiated=0, sums=0)
    ratios = set()
    for crop in crops:
        down, across = np.gradient(crop)
        ratio = np.abs(across / down)
        assert np.ptp(np.log(ratio)) < 1e-2  # a ramp remains a ramp
        ratios.add((round(float(np.log10(ratio.mean()))), down[0, 0] > 0, across[0, 0] > 0))
    assert ratios == {(power, up, right) for power in (-2, 2) for up in (True, False) for right in (True, False)}


def test_shares_of_exponentiated_crops_and_of_sums():
    two_levels = np.full((32, 32), 0.5)
    two_levels[:, 16:] = 1.0

    def share_of_changed(**shares):
        crops = training_crops([two_levels], range(400), 400, 32, "crops", "share", **shares)
        return np.mean([not set(np.unique(crop)) <= {np.float32(0.5), np.float32(1.0)} for crop in crops])

    assert share_of_changed(exponentiated=0, sums=0) == 0
    assert share_of_changed(exponentiated=0.8, sums=0) == pytest.approx(0.8, abs=0.08)
    # a sum of two crops that are oriented alike, a quarter of all, has the two levels again
    assert share_of_changed(exponentiated=0, sums=0.3) == pytest.approx(0.3 * 3 / 4, abs=0.08)


def test_a_crop_of_an_empty_place_is_taken_around_the_peak():
    image = np.zeros((100, 100))
    image[97, 3] = 2.0
    crops = training_crops([image], range(20), 20, 16, "crops", "empty", sums=0)
    assert ((crops > 0.01).sum(axis=(1, 2)) >= 1).all()


def test_small_images_limit_the_zoom(images):
    crops = training_crops(images, range(5), 5, 40, "crops", "small", zoom=(2, 2.4))
    assert crops.shape == (5, 40, 40)


@pytest.mark.parametrize(
    ("change", "message"),
    [(np.nan, "expected 0 to a positive peak"), (-1.0, "expected 0 to a positive peak")],
)
def test_values_that_are_no_intensities_are_refused(images, change, message):
    images[:, :, :] = change
    with pytest.raises(ValueError, match=message):
        training_crops(images, range(2), 2, 16, "crops", "bad")


def test_impossible_requests_are_refused(images):
    with pytest.raises(ValueError, match="at least 64 × 64"):
        training_crops(images, range(1), 1, 64, "crops", "bad")
    with pytest.raises(ValueError, match="zoom is"):
        training_crops(images, range(1), 1, 16, "crops", "bad", zoom=(0.5, 2))
    with pytest.raises(ValueError, match="no images"):
        training_crops([], range(1), 1, 16, "crops", "bad")
