"""The coverage on an image: sign and scale, Nyquist, w-term, primary beam."""

import numpy as np
import pytest

from lofi.radio.coverage import (
    ARCSEC,
    Coverage,
    check_field,
    primary_beam_arcsec,
    radians_per_pixel,
    synthesis,
    w_phase,
)


def test_phase_of_a_pixel_is_that_of_its_direction(coverage):
    cell, row, column, shape = 2.0, 20, 3, (32, 24)
    l, m = -(column - 12) * cell * ARCSEC, (row - 16) * cell * ARCSEC  # noqa: E741
    x, y = radians_per_pixel(coverage, cell)
    expected = 2 * np.pi * (coverage.u * l + coverage.v * m)
    assert x * (column - shape[1] // 2) + y * (row - shape[0] // 2) == pytest.approx(expected, abs=1e-9)


def test_a_pixel_too_large_is_refused_with_the_size_needed(coverage):
    largest = 0.5 / max(np.abs(coverage.u).max(), np.abs(coverage.v).max()) / ARCSEC
    assert 2.8 < largest < 3.2
    x, y = radians_per_pixel(coverage, largest * 0.999999)
    assert max(np.abs(x).max(), np.abs(y).max()) == pytest.approx(np.pi, rel=1e-5)
    with pytest.raises(ValueError, match=rf"cell 5 arcsec: .*needs at most {str(largest)[:4]}"):
        radians_per_pixel(coverage, 5)


@pytest.mark.parametrize("cell", [0, -1, np.nan, np.inf])
def test_the_pixel_size_is_a_positive_number(coverage, cell):
    with pytest.raises(ValueError, match="cell_arcsec is"):
        radians_per_pixel(coverage, cell)


def test_w_phase_is_that_of_the_corner():
    w = np.array([100.0, -3000.0])
    toy = Coverage(np.zeros(2), np.zeros(2), w)
    l, m = 150 * 4 * ARCSEC, 100 * 4 * ARCSEC  # noqa: E741
    expected = 2 * np.pi * 3000 * (1 - np.sqrt(1 - l**2 - m**2))
    assert w_phase(toy, (200, 300), 4) == pytest.approx(expected, rel=1e-6)


def test_w_phase_grows_away_from_the_zenith(meerkat):
    low = synthesis(meerkat, 10.0, (-0.5, 0.5), 240, 1.4e9)
    assert w_phase(low, (512, 512), 2.0) == pytest.approx(0.71, abs=0.01)
    assert w_phase(low, (128, 128), 2.0) < 0.05
    assert w_phase(synthesis(meerkat, -30.7, (-0.5, 0.5), 240, 1.4e9), (512, 512), 2.0) < 0.2


def test_an_image_beyond_the_horizon_is_refused(coverage):
    with pytest.raises(ValueError, match="beyond the horizon"):
        w_phase(coverage, (512, 512), 1000)


def test_a_field_wider_than_the_primary_beam_is_reported(coverage):
    assert primary_beam_arcsec(coverage) / 3600 == pytest.approx(1.09, abs=0.01)
    check_field(coverage, (512, 512), 2.0)
    with pytest.warns(UserWarning, match=r"68\.3 arcmin, is wider than the primary beam, 65\.4 arcmin"):
        check_field(coverage, (512, 2048), 2.0)
