"""The beam: fitted, its position angle, its area, images convolved with it."""

from pathlib import Path

import numpy as np
import pytest

from lofi.radio.beam import Beam, convolve, fit_beam
from lofi.radio.coverage import read_coverage
from lofi.radio.operator import VisibilityOperator
from lofi.radio.weighting import imaging_weights
from lofi.seeds import stream

PUBLISHED = Path(__file__).parents[3].parent / "shared" / "data" / "radio" / "meerkat_1h_uv_rescaled.npz"


def gaussian_psf(beam, shape):
    y, x = np.mgrid[-shape[0] : shape[0], -shape[1] : shape[1]]
    return beam.at(x, y)


@pytest.mark.parametrize(
    "beam", [Beam(2.0, 1.6, 30), Beam(2.2, 2.1, -80), Beam(9.0, 3.0, 75), Beam(6.5, 4.0, 0.0), Beam(12, 2, -45)]
)
@pytest.mark.parametrize("shape", [(32, 32), (21, 40)])
def test_a_gaussian_is_recovered(beam, shape):
    found = fit_beam(gaussian_psf(beam, shape))
    assert (found.bmaj, found.bmin, found.bpa) == pytest.approx((beam.bmaj, beam.bmin, beam.bpa), rel=1e-5, abs=1e-4)


def test_a_round_gaussian_is_recovered():
    found = fit_beam(gaussian_psf(Beam(3.0, 3.0, 0.0), (16, 16)))
    assert (found.bmaj, found.bmin) == pytest.approx((3.0, 3.0), rel=1e-6)


def test_east_west_is_plus_or_minus_ninety_degrees():
    assert abs(fit_beam(gaussian_psf(Beam(6.0, 3.0, 90.0), (16, 16))).bpa) == pytest.approx(90.0)


def test_position_angle_turns_from_north_through_east():
    # 45°: long from South-West to North-East; East is at smaller columns
    psf = gaussian_psf(Beam(8.0, 3.0, 45.0), (16, 16))
    assert psf[16 + 2, 16 - 2] > 0.5 > psf[16 + 2, 16 + 2]


def test_baselines_along_one_direction_blur_across_it():
    # v ≪ u in the frame (East, North) turned by 20°: the beam is long at position angle 20°
    rng = stream("interferometer", "beam")
    along, across = rng.normal(0, 0.3, 3000), rng.normal(0, 0.8, 3000)
    angle = np.deg2rad(20)
    u, v = along * np.sin(angle) + across * np.cos(angle), along * np.cos(angle) - across * np.sin(angle)
    found = fit_beam(VisibilityOperator(-u, v, (64, 64)).psf(np.ones(3000)))
    assert found.bpa == pytest.approx(20, abs=2)
    width = np.sqrt(8 * np.log(2))
    assert (found.bmaj, found.bmin) == pytest.approx((width / 0.3, width / 0.8), rel=0.05)


def test_sidelobes_do_not_disturb_the_fit():
    beam, shape = Beam(4.0, 2.5, 60), (32, 32)
    psf = gaussian_psf(beam, shape)
    y, x = np.mgrid[-32:32, -32:32]
    far = x**2 + y**2 > 8**2
    psf[far] += 0.9 * np.cos(x[far])
    found = fit_beam(psf)
    assert (found.bmaj, found.bmin, found.bpa) == pytest.approx((4.0, 2.5, 60), rel=1e-4)


def test_uniform_weights_give_the_smallest_beam(points):
    operator = VisibilityOperator(*points, (64, 64))
    sigma = np.ones(len(operator))
    weightings = [imaging_weights(*points, (64, 64), sigma, name) for name in ("uniform", "briggs", "natural")]
    areas = [fit_beam(operator.psf(weights)).area for weights in weightings]
    assert areas[0] < areas[1] < areas[2]


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the data sets for checks are not here")
def test_the_published_coverage_has_a_beam_of_two_to_four_pixels():
    x, y = read_coverage(PUBLISHED)
    operator = VisibilityOperator(x, y, (128, 128))
    for name in ("natural", "uniform"):
        psf = operator.psf(imaging_weights(x, y, (128, 128), np.ones(len(x)), name))
        beam = fit_beam(psf)
        assert 1.5 < beam.bmin < beam.bmaj < 4
        y_offset, x_offset = np.mgrid[-1:2, -1:2]
        assert psf[127:130, 127:130] == pytest.approx(beam.at(x_offset, y_offset), abs=0.06)


def test_no_beam_without_resolution():
    y, x = np.mgrid[-16:16, -16:16]
    for psf in (np.ones((32, 32)), np.cos(0.2 * x + 0 * y)):
        with pytest.raises(ValueError, match="up to the border"):
            fit_beam(psf)
    too_bright = (1 + 1.005e-3) * gaussian_psf(Beam(3.0, 3.0, 0.0), (16, 16))
    for psf in (np.full((32, 32), np.nan), np.zeros((32, 32)), too_bright):
        with pytest.raises(ValueError, match="must be finite, at least 4 pixels wide and 1 in its central pixel"):
            fit_beam(psf)


@pytest.mark.parametrize("widths", [(1.0, 2.0), (2.0, 0.0), (np.nan, 1.0), (np.inf, 1.0)])
def test_a_beam_has_two_widths(widths):
    with pytest.raises(ValueError, match="expected bmaj >= bmin > 0"):
        Beam(*widths, 0.0)


def test_area_is_the_integral_and_widths_scale_with_the_pixel():
    beam = Beam(5.0, 3.0, 33.0)
    assert gaussian_psf(beam, (40, 40)).sum() == pytest.approx(beam.area, rel=1e-9)
    assert beam.arcsec(1.5) == pytest.approx((7.5, 4.5))
    assert beam.at(-2.5 * np.sin(np.deg2rad(33)), 2.5 * np.cos(np.deg2rad(33))) == pytest.approx(0.5)


@pytest.mark.parametrize("beam", [Beam(5.0, 3.0, 33.0), Beam(60.0, 4.0, -70.0)])
def test_a_point_becomes_the_beam(beam):
    image = np.zeros((2, 24, 31))
    image[0, 3, 5], image[1, 23, 30] = 2.0, 1.0
    y, x = np.mgrid[:24, :31]
    blurred = convolve(image, beam)
    assert blurred[0] == pytest.approx(2 * beam.at(x - 5, y - 3), abs=1e-12)
    assert blurred[1] == pytest.approx(beam.at(x - 30, y - 23), abs=1e-12)


def test_smooth_emission_gains_the_area():
    beam = Beam(4.0, 3.0, 10.0)
    inside = convolve(np.ones((64, 64), np.float32), beam)
    assert inside.dtype == np.float32
    assert inside[24:40, 24:40] == pytest.approx(np.full((16, 16), beam.area), rel=1e-5)
