"""The error that no method falls below, of the noise that a sky holds."""

import numpy as np
import pytest
import radio_ceiling

from lofi.seeds import stream

SIDE, RMS = 256, 0.01


@pytest.fixture(scope="module")
def sky():
    """White noise, and a source of 20 pixels in a corner."""
    image = RMS * stream("test", "ceiling").standard_normal((SIDE, SIDE))
    image[10:30, 10:30] += 1
    return image


@pytest.fixture
def every_cell():
    """A visibility in each cell of the half plane without u = 0."""
    modes = np.arange(1, SIDE // 2) * 2 * np.pi / SIDE
    return [part.ravel() for part in np.meshgrid(modes, np.fft.fftfreq(SIDE) * 2 * np.pi)]


def test_the_source_is_found_and_little_else(sky):
    source = radio_ceiling.source_of(sky)
    assert source[10:30, 10:30].all()
    assert source.mean() < 0.03


def test_the_noise_is_taken_beside_the_source(sky):
    power = radio_ceiling.noise_power(sky, radio_ceiling.source_of(sky))
    assert power == pytest.approx(RMS**2 * SIDE**2, rel=0.2)
    assert np.sqrt(power.sum()) / SIDE**2 == pytest.approx(RMS, rel=0.02)


def test_a_sky_full_of_source_is_refused():
    with pytest.raises(SystemExit, match="beside the source"):
        radio_ceiling.noise_power(np.ones((SIDE, SIDE)), np.ones((SIDE, SIDE), bool))


def test_the_ceiling_is_the_error_of_the_wiener_filter_of_each_mode(every_cell):
    power = np.full((SIDE, SIDE), RMS**2 * SIDE**2)
    sigma = np.sqrt(power[0, 0] / 2)  # as much noise as signal in a cell of one visibility
    measured = 2 * len(every_cell[0])
    expected = power[0, 0] * (measured / 2 + SIDE**2 - measured)
    assert radio_ceiling.least_error(power, *every_cell, sigma) == pytest.approx(expected, rel=1e-12)
    assert radio_ceiling.least_error(power, *every_cell, 1e9) == pytest.approx(power.sum())
