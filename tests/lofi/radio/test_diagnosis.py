"""Why a model does not fit: reasons are named where the residuals show them, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from lofi.radio.diagnosis import chi2_warnings, spectral_index
from lofi.radio.visibilities.visibilities import Visibilities

FIELD = 1e-3  # radians
SOURCE = 2e-4  # offset to the East
RNG = np.random.default_rng(3)


def observed(error=1.0, index=0.0, outside=0.0, channels=8, step=10.0, band=(0.9e9, 1.7e9)):
    """Ten baselines, 60 times `step` seconds apart: a source of 5 Jy (frequency^index), perhaps one outside the field.

    Returns visibilities with noise `error` times sigma, and those of the model, which has index 0 and no other source.
    """
    pair, time, channel = (x.ravel() for x in np.meshgrid(range(10), range(60), range(channels), indexing="ij"))
    frequency = np.linspace(*band, channels)[channel]
    angle = 7.3e-5 * step * time + pair
    u = 60.0 * (pair + 1) * frequency / 3e8 * np.cos(angle)
    v = 60.0 * (pair + 1) * frequency / 3e8 * np.sin(angle)
    model = 5.0 * np.exp(-2j * np.pi * u * SOURCE)
    values = model * (frequency / np.mean(band)) ** index + outside * np.exp(-2j * np.pi * v * 3 * FIELD)
    sigma = np.full(u.size, 0.5)
    values = values + error * sigma * (RNG.standard_normal(u.size) + 1j * RNG.standard_normal(u.size))
    antennas = {"antenna1": pair, "antenna2": pair + 1, "time": step * time}
    return Visibilities(u, v, np.zeros(u.size), values, sigma, frequency, channel=channel, **antennas), model


def warning(data, model, sigma_scale=1.0):
    chi2 = float(np.mean(np.abs(data.values - model) ** 2 / (2 * data.sigma**2)))
    return " ".join(chi2_warnings(chi2, data, data.values - model, FIELD, sigma_scale))


@pytest.mark.parametrize("case", [{}, {"channels": 1}, {"step": 1200.0}, {"band": (1.40e9, 1.41e9)}])
def test_a_model_that_fits_needs_no_word(case):
    assert warning(*observed(**case)) == ""


@pytest.mark.parametrize("case", [{}, {"channels": 1}, {"band": (1.40e9, 1.41e9)}])
def test_weights_that_are_too_large_are_told_by_neighbours(case):
    sentence = warning(*observed(error=3.0, **case), sigma_scale=2.0)
    scale = float(sentence.split("use the sigma scale ")[1])
    assert scale == pytest.approx(6.0, rel=0.1)


@pytest.mark.parametrize("index", [-0.7, -1.5, 0.8])
def test_a_spectrum_is_told_by_its_slope(index):
    data, model = observed(index=index)
    assert f"frequency^{spectral_index(data, model, 2.0)[0]:.2f}" in warning(data, model)
    assert spectral_index(data, model, 2.0)[0] == pytest.approx(index, abs=0.15)
    assert "sigma scale" not in warning(data, model)


@pytest.mark.parametrize("case", [{}, {"channels": 1}, {"step": 300.0}])
def test_emission_outside_the_image_is_not_taken_for_noise_or_spectrum(case):
    sentence = warning(*observed(outside=2.0, **case))
    assert "emission lies outside the image" in sentence
    assert "sigma scale" not in sentence
    assert "frequency^" not in sentence


def test_errors_of_calibration_are_not_taken_for_noise():
    data, model = observed(channels=1)
    gains = np.exp(0.3j * np.sin(data.antenna1 + data.time / 2000))
    sentence = warning(replace(data, values=data.values * gains), model)
    assert "not calibrated" in sentence
    assert "sigma scale" not in sentence


def test_without_neighbours_no_number_is_given():
    data, model = observed(error=3.0, channels=1)
    sentence = warning(replace(data, antenna1=None), model)
    assert "noisier than their weights say" in sentence
    assert "sigma scale" not in sentence


def test_other_judgements():
    data, model = observed()
    assert "follows the noise" in chi2_warnings(0.5, data, data.values - model, FIELD)[0]
    assert "failed" in chi2_warnings(np.nan, data, data.values - model, FIELD)[0]
