"""Kinds of pixels, and whether samples follow the picture, on pictures where the answer is known."""

import numpy as np
import pandas as pd
import pytest

from workflow.filter_support import energy_within, parts, radius_of
from workflow.localisation import contrast, measured, ratio, spread, turned
from workflow.pixel_kinds import chosen_pixels, structure


@pytest.fixture
def square():
    """A bright quadrant: its sides are edges, its tip at row 30, column 20, is a corner, the rest is flat."""
    picture = np.zeros((64, 48))
    picture[30:, 20:] = 1.0
    return picture


def test_pixels_are_of_the_kind_they_are_chosen_as(square):
    chosen = chosen_pixels(square, count=3, margin=6, apart=4)
    tip = np.array([29.5, 19.5])
    assert np.hypot(*(chosen["corner"][0] - tip)) < 2.5
    for row, column in chosen["edge"]:
        assert (abs(row - 29.5) <= 1 and column > 24) or (abs(column - 19.5) <= 1 and row > 34)
    for row, column in chosen["flat"]:
        assert min(abs(row - 29.5), abs(column - 19.5)) > 4
    for places in chosen.values():
        assert (places >= 6).all()
        assert (places < np.array(square.shape) - 6).all()
        distances = np.hypot(*(places[:, None] - places).transpose(2, 0, 1))
        assert distances[~np.eye(3, dtype=bool)].min() >= 4


def test_the_direction_along_an_edge(square):
    direction = structure(square)[2]
    assert abs(direction[29, 36]) == pytest.approx([1, 0], abs=0.02)  # (x, y) of a horizontal edge
    assert abs(direction[50, 20]) == pytest.approx([0, 1], abs=0.02)


def test_too_small_a_picture_is_refused(square):
    with pytest.raises(ValueError, match="no 9 places 12 pixels apart"):
        chosen_pixels(square, count=9, margin=16, apart=12)


def test_samples_along_an_edge_have_less_contrast_than_turned_ones(square):
    along = np.stack([np.linspace(-4, 4, 9), np.zeros(9)], -1)
    place = (32, 36)
    assert contrast(square, place, along) == pytest.approx(0, abs=0.02)
    assert contrast(square, place, turned(along)).max() == pytest.approx(2 / 9, abs=0.02)  # two of nine are beyond it
    assert spread(along, np.array([1.0, 0.0])) == pytest.approx((60 / 9, 0))


def test_contrast_of_a_slope_is_known():
    picture = np.tile(0.01 * np.arange(40.0), (40, 1))
    offsets = np.array([[[2.0, 5.0], [-1.5, 0.25]], [[0.0, 3.0], [0.0, 0.0]]])
    assert contrast(picture, (20, 20), offsets) == pytest.approx([0.0175, 0.0], abs=1e-4)


def test_turned_offsets_keep_their_distances():
    offsets = np.random.default_rng(1).standard_normal((3, 5, 2))
    around = turned(offsets)
    assert around.shape == (7, 3, 5, 2)
    assert np.hypot(*around.transpose(3, 0, 1, 2)) == pytest.approx(
        np.tile(np.hypot(*offsets.transpose(2, 0, 1)), (7, 1, 1))
    )
    assert around[1] == pytest.approx(np.stack([-offsets[..., 1], offsets[..., 0]], -1))  # 90°: x becomes y


def test_a_file_of_positions_is_measured_pixel_by_pixel(square):
    record = {"splits": ["seen", "other"], "kinds": ["edge", "corner", "flat"]}
    ring = 2 * np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], -1)
    flattened = ring * [1.0, 0.1]
    places = np.array([(1, 0, 0, 31, 36), (1, 2, 0, 50, 10)])
    table = measured(record, places, np.stack([np.stack([ring, flattened])] * 2), {"other": square[None]})
    assert list(table["split"]) == ["other"] * 4
    assert list(table["kind"]) == ["edge", "edge", "flat", "flat"]
    assert list(table["step"]) == [0, 1, 0, 1]
    whole, flat = table.iloc[0], table.iloc[1]
    assert whole["contrast"] == pytest.approx(whole["contrast_turned"], rel=0.01)  # a ring knows no direction
    assert flat["contrast"] < 0.5 * flat["contrast_turned"]
    assert np.sqrt(flat["along"] / flat["across"]) == pytest.approx(10, rel=0.05)


def test_a_ratio_of_means_has_the_scatter_of_repeated_samples():
    rng = np.random.default_rng(2)
    below = rng.uniform(1, 3, (2000, 30))
    above = 0.5 * below + 0.1 * rng.standard_normal(below.shape)
    pairs = [ratio(pd.Series(a), pd.Series(b)) for a, b in zip(above, below, strict=True)]
    values, errors = np.array(pairs).T
    assert values.mean() == pytest.approx(0.5, abs=0.002)
    assert errors.mean() == pytest.approx(values.std(), rel=0.05)


def test_energy_within_a_radius():
    kernel = np.zeros((2, 9, 12), complex)
    kernel[0, 4, 6], kernel[1, 4, 6], kernel[0, 4, 9] = 3.0, 3.0j, np.sqrt(2)
    radii, within = energy_within(kernel)
    assert (radii[0], within[0]) == (0, pytest.approx(0.9))
    assert (np.diff(radii) > 0).all()
    assert (np.diff(within) >= 0).all()
    assert within[-1] == 1
    assert radius_of(kernel, 0.9 - 1e-9) == 0
    assert radius_of(kernel, 0.91) == 3


def test_the_change_of_an_untrained_filter_is_nothing():
    kernel = np.zeros((1, 8, 8))
    kernel[0, 4, 4] = 1
    found = parts(kernel)
    assert not found["change"].any()
    assert energy_within(found["filter"])[1][0] == 1
    assert radius_of(found["even"], 0.5) == pytest.approx(np.sqrt(0.5 * 64 / np.pi), abs=0.6)
