"""Completeness at a purity: the lowest threshold above which that share of all peaks are haloes."""

import numpy as np
import pytest
from halo_completeness import completeness, found


def test_the_threshold_is_that_of_the_purity():
    heights = np.array([[0.1, 0.4], [0.3, 0.5], [-np.inf, 0.6]])
    others = [np.array([0.05, 0.2]), np.array([0.45]), np.array([])]
    share, false = completeness(others, heights, 0.75)
    np.testing.assert_allclose(share, [1 / 3, 1])  # above 0.3: four of five peaks; above 0.1: five of seven
    assert false == pytest.approx(1 / 3)
    np.testing.assert_allclose(completeness(others, heights, 1.0)[0], [0, 2 / 3])
    assert completeness([np.array([9.0])] * 3, heights, 0.9)[0].sum() == 0


def test_peaks_belong_to_the_haloes_beside_them():
    image = np.zeros((32, 32))
    image[5, 6], image[20, 21], image[28, 3] = 1.0, 2.0, 3.0
    false, heights = found(image, np.array([[5.0, 7.0], [20.0, 20.5], [10.0, 25.0]]))
    assert false.tolist() == [3.0]
    assert heights.tolist() == [1.0, 2.0, -np.inf]
