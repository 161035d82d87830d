"""Noise of visibilities and of the dirty image."""

import numpy as np
import pytest

from lofi.radio.operator import VisibilityOperator
from lofi.radio.weighting import Weighting
from lofi.seeds import stream
from simulations.receiver_noise import add_noise, sigma_from_sefd, sigma_from_snr


@pytest.mark.parametrize("snr_db", [-10, 0, 30])
def test_the_signal_to_noise_ratio_is_the_one_asked_for(snr_db):
    rng = stream("interferometer", "snr")
    clean = 7 * (rng.standard_normal(100_000) + 1j * rng.random(100_000))
    noise = add_noise(clean, sigma_from_snr(clean, snr_db), rng) - clean
    measured = 20 * np.log10(np.linalg.norm(clean) / np.linalg.norm(noise))
    assert measured == pytest.approx(snr_db, abs=5 * 8.686 / np.sqrt(4 * 100_000))


def test_noise_is_white_with_sigma_in_both_parts():
    sigma = np.repeat([0.1, 3.0], 100_000)
    noise = add_noise(np.zeros(200_000, complex), sigma, stream("interferometer", "white")) / sigma
    error = 5 / np.sqrt(2 * 100_000)
    for part in (noise.real[:100_000], noise.real[100_000:], noise.imag[:100_000], noise.imag[100_000:]):
        assert part.std() == pytest.approx(1.0, abs=error)
    assert np.mean(noise.real * noise.imag) == pytest.approx(0.0, abs=5 / np.sqrt(200_000))


def test_noise_keeps_the_precision():
    assert add_noise(np.zeros(3, np.complex64), 1.0, stream("interferometer")).dtype == np.complex64


def test_radiometer_equation_of_meerkat(meerkat):
    # 6.13 mJy for one hand in 10 MHz and 240 s
    assert sigma_from_sefd(meerkat.sefd_jy, 1e7, 240) * np.sqrt(2) == pytest.approx(6.13e-3, rel=2e-3)


@pytest.mark.parametrize("scheme", ["natural", "uniform", "briggs"])
def test_the_noise_of_the_dirty_image_is_the_theoretical_one(points, scheme):
    sigma = stream("interferometer", "sigma").uniform(0.5, 2.0, 4032)
    weighting = Weighting([(*points, sigma)], (12, 12), scheme, -0.5)
    weights = weighting.of(*points, sigma)
    operator = VisibilityOperator(*points, (12, 12), eps=1e-6)
    rng = stream("interferometer", "dirty noise", scheme)
    realisations = np.stack([add_noise(np.zeros(4032, complex), sigma, rng) for _ in range(1000)])
    pixels = operator.dirty(realisations, weights)[:, [0, 0, 6, 11, 6], [0, 11, 6, 11, 0]]
    expected = weighting.noise
    assert expected == pytest.approx(np.linalg.norm(weights * sigma))
    assert pixels.std(axis=0) == pytest.approx(np.full(5, expected), rel=5 / np.sqrt(2 * 1000))
    assert pixels.mean(axis=0) == pytest.approx(np.zeros(5), abs=5 * expected / np.sqrt(1000))


def test_theoretical_noise_of_natural_weights():
    sigma = np.array([1.0, 2.0, 4.0])
    weighting = Weighting([(np.zeros(3), np.zeros(3), sigma)], (12, 12), "natural")
    assert weighting.noise == pytest.approx((1 + 1 / 4 + 1 / 16) ** -0.5)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_noise_must_be_a_positive_number(bad):
    rng = stream("interferometer")
    with pytest.raises(ValueError, match="sigma must be positive"):
        add_noise(np.zeros(2, complex), bad, rng)
    with pytest.raises(ValueError, match="bandwidth_hz is"):
        sigma_from_sefd(425, bad, 240)


def test_a_ratio_needs_a_signal():
    with pytest.raises(ValueError, match=r"visibilities is 0\.0"):
        sigma_from_snr(np.zeros(3, complex), 30)
    with pytest.raises(ValueError, match="visibilities is nan"):
        sigma_from_snr(np.array([1, np.nan]), 30)
    with pytest.raises(ValueError, match="snr_db is nan"):
        sigma_from_snr(np.ones(3), np.nan)
