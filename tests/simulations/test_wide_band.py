"""Visibilities of a band and a wide field: direct Fourier sums; the Measurement Set that holds them."""

import numpy as np
import pytest

from lofi.radio.coverage import ARCSEC, synthesis
from lofi.radio.telescopes.telescope import telescope
from simulations.measurement_set import write_measurement_set
from simulations.wide_band import WideBandSky, simulate_wide_band, spectral_index, visibilities_of

CELL, FREQUENCIES = 40.0, (0.9e9, 1.1e9, 1.6e9)


@pytest.fixture(scope="module")
def coverage():
    """At 20 degrees of elevation: large w."""
    return synthesis(telescope("meerkat"), -30.7, (4.4, 4.9), 900, FREQUENCIES)


@pytest.fixture(scope="module")
def sky():
    rng = np.random.default_rng(3)
    reference = np.zeros((64, 48))
    reference[60, 3], reference[10, 40], reference[32, 24] = 1.0, 0.5, 2.0
    return WideBandSky(reference, rng.uniform(-1.5, 0.5, reference.shape), 1.2e9, FREQUENCIES)


def direct_sum(sky, coverage):
    rows, columns = np.nonzero(sky.reference)
    east, north = -(columns - 24) * CELL * ARCSEC, (rows - 32) * CELL * ARCSEC
    path = np.stack([coverage.u, coverage.v, coverage.w], -1) @ [east, north, np.sqrt(1 - east**2 - north**2) - 1]
    frequency = np.repeat(FREQUENCIES, len(coverage.u) // 3)[:, None]
    flux = sky.reference[rows, columns] * (frequency / 1.2e9) ** sky.alpha[rows, columns]
    return (flux * np.exp(-2j * np.pi * path)).sum(1)


def test_visibilities_are_the_direct_sum(sky, coverage):
    found = visibilities_of(sky, coverage, CELL)
    np.testing.assert_allclose(found, direct_sum(sky, coverage), atol=1e-5)


def test_bright_parts_have_the_flatter_spectrum():
    image = np.zeros((40, 40))
    image[18:22, 18:22] = 1.0
    alpha = spectral_index(image, -1.2, -0.4)
    assert alpha.max() == pytest.approx(-0.4)
    assert alpha.min() == pytest.approx(-1.2, abs=1e-6)
    assert alpha[20, 20] > alpha[20, 24] > alpha[20, 28]


def test_a_simulation_is_its_sky_and_noise_of_the_wanted_level():
    options = {
        "sky": {"source": "galaxies", "images": 2},
        "pixels": 32,
        "cell_arcsec": 2.0,
        "coverage": {
            "telescope": "meerkat",
            "declination_deg": -30.7,
            "hour_angles": [-0.5, 0.5],
            "dump_seconds": 1200,
            "frequencies_hz": [1.2e9, 1.4e9],
            "bandwidth_hz": 1e7,
        },
        "spectral_index": [-1.0, 0.0],
        "snr_db": 20,
    }
    sky, coverage, visibilities, sigma = simulate_wide_band(options, 1, ("a", "b"), "seed")
    noiseless = visibilities_of(sky, coverage, 2.0)
    assert np.linalg.norm(noiseless) / np.linalg.norm(visibilities - noiseless) == pytest.approx(10, rel=0.02)
    assert (visibilities - noiseless).real.std() == pytest.approx(sigma, rel=0.02)
    assert sky.at(1.3e9) == pytest.approx(sky.reference)
    assert sky.at(1.4e9) == pytest.approx(sky.reference * (1.4 / 1.3) ** sky.alpha)
    assert not np.array_equal(simulate_wide_band(options, 0, ("a", "b"), "seed")[0].reference, sky.reference)


def test_a_measurement_set_holds_coverage_visibilities_and_noise(sky, coverage, tmp_path):
    pytest.importorskip("casacore.tables", reason="python-casacore is not installed")
    from lofi.radio.visibilities.read import read_visibilities

    values = direct_sum(sky, coverage)
    write_measurement_set(
        tmp_path / "sky.ms", coverage, values, 0.3, right_ascension_deg=311.0, channel_hz=1e6, name="sky"
    )
    read = read_visibilities(tmp_path / "sky.ms")
    order = np.lexsort((read.time, read.antenna2, read.antenna1, read.frequency))
    pairs = len(telescope("meerkat").baselines())
    expected = np.arange(len(values)).reshape(3, -1, pairs).transpose(0, 2, 1).ravel()
    for name, column in (("u", coverage.u), ("v", coverage.v), ("w", coverage.w), ("values", values)):
        np.testing.assert_allclose(getattr(read, name)[order], column[expected], rtol=1e-6, atol=1e-5, err_msg=name)
    np.testing.assert_allclose(read.sigma, 0.3, rtol=1e-6)
    assert read.centre == pytest.approx((311.0, -30.7))
    assert (read.object, read.telescope, set(read.frequency)) == ("sky", "meerkat", set(FREQUENCIES))
