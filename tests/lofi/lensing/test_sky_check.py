"""A Gaussian sky is warned of where a field is large and deep enough, a skewed one is not."""

import pytest
import torch
from torch.testing import assert_close

from lofi.lensing.error_features import FEATURES, plane_features
from lofi.lensing.sky_check import check_sky
from lofi.solvers.wiener import hermitian_weight, radial_frequency


def features(skewed, noise, seed=0):
    """Of a white-noise survey of a smooth sky, Gaussian or a shifted log-normal of it, after its Wiener filter."""
    shape, generator = (128, 128), torch.Generator().manual_seed(seed)
    signal = torch.exp(-((radial_frequency(shape) / 0.15) ** 2))
    signal[0, 0] = 0.0
    signal /= (signal * hermitian_weight(shape)).sum() / (128 * 128)  # of variance 1
    white, error = (torch.randn(shape, generator=generator) for _ in range(2))
    sky = torch.fft.irfft2(torch.fft.rfft2(white) * signal.sqrt(), s=shape)
    if skewed:
        sky = torch.exp(0.5 * sky) - 1
        sky = (sky - sky.mean()) / sky.std()
    wiener = torch.fft.irfft2(torch.fft.rfft2(sky + noise * error) * signal / (signal + noise**2), s=shape)
    return plane_features(wiener, wiener, torch.full(shape, noise), 2.34, 0.9, signal)[0], wiener


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("skewed", "noise", "area", "warned"),
    [
        (False, 1.0, 25.0, True),
        (True, 1.0, 25.0, False),
        (False, 1.0, 8.0, False),  # a small field does not tell
        (False, 8.0, 25.0, False),  # nor a shallow one
    ],
)
def test_gaussian_skies_are_warned_of_where_a_field_tells(skewed, noise, area, warned, seed):
    warnings = check_sky(features(skewed, noise, seed)[0], area).warnings
    assert bool(warnings) == warned
    assert len(warnings) <= 1


def test_the_numbers_are_those_of_the_wiener_map():
    """In even noise: its own skewness, and the share of the standard deviation that the filter is expected to find."""
    columns, wiener = features(True, 0.7)
    check, moved = check_sky(columns, 25.0), wiener - wiener.mean()
    assert_close(check.skewness, float(moved.pow(3).mean() / moved.square().mean() ** 1.5), rtol=1e-3, atol=1e-3)
    assert check.share == pytest.approx(float(wiener.std()), rel=0.05)  # of a sky of variance 1


def test_no_signal_is_no_alarm():
    assert not check_sky(torch.zeros(10, len(FEATURES)), 100.0).warnings
