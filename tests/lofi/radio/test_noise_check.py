"""The noise of the weights against the scatter of neighbouring visibilities."""

from dataclasses import replace

import numpy as np
import pytest

from lofi.radio.visibilities.noise_check import check_noise
from lofi.radio.visibilities.visibilities import Visibilities
from lofi.seeds import stream


def observed(error=1.0, pairs=5, times=60, channels=4, signal=30.0, drift=0.0):
    """A source of one flux, with noise `error` times sigma; the signal turns by `drift` radians from time to time."""
    rng = stream("noise check", str(error), times, channels)
    pair, time, channel = (x.ravel() for x in np.meshgrid(range(pairs), range(times), range(channels), indexing="ij"))
    sigma = rng.uniform(0.5, 3.0, pair.size)
    noise = sigma * error * (rng.standard_normal(pair.size) + 1j * rng.standard_normal(pair.size))
    order = rng.permutation(pair.size)
    return Visibilities(
        *np.zeros((3, pair.size)),
        values=(signal * np.exp(1j * (pair + drift * time)) + noise)[order],
        sigma=sigma[order],
        frequency=1e9 + 1e6 * channel[order],
        time=10.0 * time[order],
        antenna1=pair[order],
        antenna2=pair[order] + 1,
        channel=channel[order],
    )


@pytest.mark.parametrize("error", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("channels", [1, 4])
def test_a_wrong_sigma_is_measured(error, channels):
    check = check_noise(observed(error, times=240 // channels, channels=channels))
    assert check.ratio == pytest.approx(error, rel=0.08)
    assert (check.warning is None) == (error == 1.0)


def test_warnings_say_by_how_much():
    assert "weights are too large by a factor 4" in check_noise(observed(2.0, times=4000, channels=1)).warning
    assert "weights are too small by a factor 4" in check_noise(observed(0.5, times=4000, channels=1)).warning


def test_a_signal_that_changes_in_time_is_left_to_the_channels():
    check = check_noise(observed(drift=1.0))
    assert check.along == "channel"
    assert check.ratio == pytest.approx(1.0, rel=0.1)
    assert check.warning is None
    assert "or the signal changes" in check_noise(observed(drift=1.0, channels=1)).warning


def test_neighbours_in_time_come_first():
    data = observed(times=60)
    turning = replace(data, values=data.values + 300 * np.exp(0.5j * data.channel))
    assert check_noise(turning).along == "time"
    first = {
        (a, t): v for a, t, c, v in zip(data.antenna1, data.time, data.channel, data.values, strict=True) if c == 0
    }
    copied = [first[key] for key in zip(data.antenna1, data.time, strict=True)]  # channels of one noise
    check = check_noise(replace(data, values=np.array(copied), sigma=np.full(len(data), np.median(data.sigma))))
    assert check.along == "time"
    assert check.ratio > 0.5


def test_gaps_between_scans_do_not_pair():
    data = observed(channels=1)
    scan = data.time // 100
    data = replace(data, time=data.time + 5000 * scan, values=data.values + 500 * scan)
    assert check_noise(data).ratio == pytest.approx(1.0, rel=0.15)
    assert check_noise(data).pairs == 5 * (60 - 6)


def test_without_antennas_or_neighbours_there_is_no_answer():
    data = observed()
    assert check_noise(replace(data, antenna1=None)) is None
    assert check_noise(replace(data, time=None)) is None
    assert check_noise(replace(data, antenna1=np.arange(len(data)))) is None
