"""Against transforms known in closed form, in sky coordinates."""

import numpy as np
import pytest

from lofi.radio.coverage import ARCSEC
from lofi.radio.operator import VisibilityOperator

CELL = 2.8


@pytest.mark.parametrize("shape", [(64, 64), (63, 80), (81, 65)])
def test_an_off_centre_elliptical_gaussian(coverage, points, shape):
    # 2.5 Jy, 4 cells East and 6 North of the phase centre, longer along North
    east, north, width_l, width_m = 4 * CELL * ARCSEC, 6 * CELL * ARCSEC, 2.5 * CELL * ARCSEC, 3.5 * CELL * ARCSEC
    l = -(np.arange(shape[1]) - shape[1] // 2) * CELL * ARCSEC  # noqa: E741
    m = (np.arange(shape[0]) - shape[0] // 2)[:, None] * CELL * ARCSEC
    image = np.exp(-(((l - east) / width_l) ** 2) / 2 - ((m - north) / width_m) ** 2 / 2)
    image *= 2.5 / (2 * np.pi * 2.5 * 3.5)
    expected = 2.5 * np.exp(
        -2 * np.pi**2 * ((coverage.u * width_l) ** 2 + (coverage.v * width_m) ** 2)
        - 2j * np.pi * (coverage.u * east + coverage.v * north)
    )
    assert VisibilityOperator(*points, shape).forward(image) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("shape", [(32, 32), (31, 33)])
def test_a_point_in_the_phase_centre_has_no_phase(points, shape):
    image = np.zeros(shape)
    image[shape[0] // 2, shape[1] // 2] = 3.0
    visibilities = VisibilityOperator(*points, shape).forward(image)
    assert visibilities == pytest.approx(np.full(len(visibilities), 3.0 + 0j), abs=1e-8)


def test_the_dirty_image_of_a_point_peaks_at_its_flux_and_place(points):
    operator = VisibilityOperator(*points, (32, 32))
    image = np.zeros((32, 32))
    image[20, 7] = 0.8
    dirty = operator.dirty(operator.forward(image), np.ones(len(operator)))
    assert np.unravel_index(dirty.argmax(), dirty.shape) == (20, 7)
    assert dirty.max() == pytest.approx(0.8, rel=1e-8)
