"""How far below the Wiener filter's an error is, and how sure that is."""

import numpy as np
import pytest
import sphere_skies

from lofi.seeds import stream


def test_an_error_a_tenth_lower_is_ten_per_cent_below():
    wiener = stream("test", "squares").chisquare(1, 4000)
    gain, error = sphere_skies.below(0.81 * wiener, wiener, np.arange(4000) % 40)
    assert gain == pytest.approx(10)
    assert error == pytest.approx(0, abs=1e-9)


def test_the_error_is_the_scatter_of_independent_skies():
    rng, gains, errors = stream("test", "skies"), [], []
    for _ in range(200):
        common, own = rng.standard_normal((2, 2500))
        gain, error = sphere_skies.below((0.9 * common + 0.1 * own) ** 2, common**2, np.arange(2500) // 50)
        gains.append(gain)
        errors.append(error)
    assert np.mean(errors) == pytest.approx(np.std(gains), rel=0.2)


def test_blocks_without_pixels_do_not_count():
    wiener = np.ones(30)
    squares = np.where(np.arange(30) < 10, 0.5, 0.8)
    few, many = (sphere_skies.below(squares, wiener, np.arange(30) // 10 * step) for step in (1, 7))
    assert few == pytest.approx(many)
