"""The noise of the weights against the scatter of neighbouring visibilities."""

from dataclasses import replace

import numpy as np
import pytest

from lofi.radio.visibilities.noise_check import check_noise, compare_noise
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
    assert (check.below, check.above) == (error == 0.5, error == 2.0)


def test_a_factor_is_named_beyond_fifteen_percent_and_three_errors():
    for error, pairs, below, above in (
        (1.2, 4000, False, True),
        (1.1, 4000, False, False),
        (0.8, 4000, True, False),
        (0.92, 4000, False, False),
        (1.2, 60, False, False),  # too few pairs to tell
    ):
        check = check_noise(observed(error, pairs=1, times=pairs, channels=1))
        assert check.error == pytest.approx(0.85 * error / np.sqrt(pairs), rel=0.2)
        assert (check.below, check.above) == (below, above)


def test_the_error_is_that_of_repeated_observations():
    rng = np.random.default_rng(0)
    data = observed(pairs=1, times=200, channels=1)
    ratios = []
    for _ in range(200):
        noise = rng.standard_normal(200) + 1j * rng.standard_normal(200)
        check = check_noise(replace(data, values=data.sigma * noise))
        ratios.append(check.ratio)
    assert np.std(ratios) == pytest.approx(check.error, rel=0.2)


def test_samples_far_apart_in_the_plane_of_baselines_are_no_neighbours():
    data = observed(channels=1)
    apart = replace(data, u=data.time / 10 * 100.0)  # 100 wavelengths from one to the next
    assert check_noise(apart, field_radians=2e-3) is None
    assert check_noise(apart, field_radians=5e-4).ratio == pytest.approx(1.0, rel=0.2)


def test_less_scatter_than_noise_is_a_warning_more_scatter_is_not():
    note, warnings = compare_noise(observed(0.5, times=400), 1e-3, sigma_scale=3.0)
    assert "0.5" in note
    assert "use the sigma scale 1.5" in warnings[0]
    for data in (observed(), observed(2.0), observed(drift=1.0, channels=1)):
        assert compare_noise(data, 1e-3, 1.0)[1] == []


def test_a_signal_that_changes_in_time_is_left_to_the_channels():
    check = check_noise(observed(drift=1.0))
    assert check.along == "channel"
    assert check.ratio == pytest.approx(1.0, rel=0.1)
    assert not check.above


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
