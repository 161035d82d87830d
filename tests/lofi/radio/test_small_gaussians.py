"""Components that are small Gaussians: their visibilities, their search, and what is written of them."""

import numpy as np
import pytest

from lofi.radio import point_search
from lofi.radio.beam import Beam, axes, convolve
from lofi.radio.component_table import component_table
from lofi.radio.coverage import radians_per_pixel, synthesis
from lofi.radio.measurement import flat_part, measure
from lofi.radio.operator import VisibilityOperator
from lofi.radio.point_search import find_points
from lofi.radio.point_sources import PointSources, fitted, without
from lofi.radio.starts import data_term
from lofi.radio.telescopes.telescope import telescope
from lofi.radio.wide_field import WideFieldOperator
from lofi.seeds import stream
from lofi.solvers.positivity import positivity_only

SIZE, CELL, SIGMA = 64, 1.9, 0.1  # pixels; arcsec, a third of the resolution; Jy
WIDTHS = 2.4, 1.2  # pixels, full widths at half maximum, half of the beam


def source(column, row, flux, major, minor, angle):
    """A Gaussian as of `PointSources.at`."""
    (xx, xy), (_, yy) = Beam(major, minor, angle).covariance
    return column, row, flux, xx, xy, yy


@pytest.mark.parametrize("wide", [False, True])
def test_visibilities_are_those_of_the_sampled_gaussian(wide):
    """Sampled in pixels of a sixth of its minor axis, also off the axis, where the w-term turns its phases."""
    u, v, w = stream("gaussians", "baselines").uniform(-2e3, 2e3, (3, 200))
    cell, size = 2e-5, 256
    if wide:
        operator = WideFieldOperator(u, v, 2 * w, np.full(200, 1e9), (size, size), cell)
    else:
        operator = VisibilityOperator(-2 * np.pi * u * cell, 2 * np.pi * v * cell, (size, size))
    beam, (column, row) = Beam(12.0, 6.0, 35.0), (70, -50)
    y, x = np.mgrid[:size, :size] - size // 2
    expected = operator.forward(3.0 * beam.at(x - column, y - row) / beam.area)
    found = PointSources.at([source(column, row, 3.0, 12.0, 6.0, 35.0)]).visibilities(operator)
    assert np.abs(found - expected).max() < 2e-4 * 3.0


def test_axes_are_those_of_the_beam():
    for major, minor, angle in [(12.0, 6.0, 35.0), (5.0, 2.0, -80.0), (3.0, 1.0, 90.0), (3.0, 1.0, 0.0)]:
        assert axes(Beam(major, minor, angle).covariance) == pytest.approx((major, minor, angle), abs=1e-6)
    assert axes(np.zeros((2, 2))) == (0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def seen():
    coverage = synthesis(telescope("meerkat"), -30.0, (-0.5, 0.5), 600.0, 1.4e9)
    return radians_per_pixel(coverage, CELL)


def observed(seen, *sources):
    """A Gaussian of 40 Jy and 14 pixels beside sources."""
    operator = VisibilityOperator(*seen, (SIZE, SIZE))
    values = PointSources.at([source(4, -6, 40.0, 14.0, 14.0, 0.0), *sources]).visibilities(operator)
    noise = SIGMA * stream("gaussians", "noise").standard_normal((2, len(values)))
    part = flat_part(*seen, values + noise[0] + 1j * noise[1], np.full(len(values), SIGMA), (SIZE, SIZE))
    return measure([part], (SIZE, SIZE))


def positive(measurement):
    return positivity_only(data_term(measurement))[0].numpy().astype(float)


def found(measurement):
    return find_points(measurement, positive(measurement), positive)[0]


@pytest.mark.parametrize(("large", "angle", "pixels"), [(2**20, 20.0, 0.1), (2**20, -65.0, 0.1), (1, 20.0, 0.2)])
def test_a_barely_resolved_source_is_found_with_its_size(seen, large, angle, pixels, monkeypatch):
    monkeypatch.setattr(point_search, "LARGE", large)
    flux = 6000 * SIGMA / np.sqrt(len(seen[0]))
    truth = source(-14.4, 11.7, flux, *WIDTHS, angle)
    measurement = observed(seen, truth)
    sources = found(measurement)
    assert len(sources) == 1
    assert sources.extended.all()
    assert sources.values[0, :2] == pytest.approx(truth[:2], abs=0.02)
    assert sources.flux[0] == pytest.approx(flux, rel=0.01)
    major, minor, position_angle = axes(sources.values[0, 3:][[[0, 1], [1, 2]]])
    assert (major, minor) == pytest.approx(WIDTHS, abs=pixels)
    assert position_angle == pytest.approx(angle, abs=5)
    rest = data_term(without(measurement, sources))
    assert float(rest.chi2(positivity_only(rest))) < 1.05


def test_a_round_source_of_half_the_resolution_leaves_no_rings(seen):
    measurement = observed(seen, source(-14.4, 11.7, 6000 * SIGMA / np.sqrt(len(seen[0])), 1.8, 1.8, 0.0))
    sources = found(measurement)
    assert sources.extended.tolist() == [True]
    rest = data_term(without(measurement, sources))
    assert float(rest.chi2(positivity_only(rest))) < 1.05


def test_a_source_as_wide_as_the_beam_stays_in_the_image(seen):
    flux = 6000 * SIGMA / np.sqrt(len(seen[0]))
    assert len(found(observed(seen, source(-14.4, 11.7, flux, 4.5, 3.5, 20.0)))) == 0


@pytest.mark.parametrize("large", [2**20, 1])
@pytest.mark.parametrize("kept", [True, False])
def test_what_is_resolved_in_the_end_is_in_all_its_pixels(seen, large, kept, monkeypatch):
    """A point between four pixels that is taken for resolved, beside one that is kept, or alone."""
    monkeypatch.setattr(point_search, "LARGE", large)
    monkeypatch.setattr(point_search, "extents", lambda *of: np.where(of[2].values[:, 0] < 0, np.inf, 0.0))
    flux = 6000 * SIGMA / np.sqrt(len(seen[0]))
    measurement = observed(seen, (-14.5, 11.5, flux), *[(15.2, 13.4, flux)] * kept)
    start = positive(measurement)
    sources, image = find_points(measurement, start, positive)
    assert len(sources) == kept
    near = image[SIZE // 2 + 8 : SIZE // 2 + 16, SIZE // 2 - 18 : SIZE // 2 - 10]
    assert near.max() < 0.6 * flux
    assert near.sum() > 0.9 * flux
    if not kept:
        assert np.array_equal(image, start)


def test_errors_are_those_of_the_noise(seen):
    flux = 6000 * SIGMA / np.sqrt(len(seen[0]))
    truth = np.array(source(-14.4, 11.7, flux, *WIDTHS, 20.0))
    operator, offsets = VisibilityOperator(*seen, (SIZE, SIZE)), []
    exact = PointSources.at([truth]).visibilities(operator)
    for number in range(20):
        noise = SIGMA * stream("gaussians", "errors", number).standard_normal((2, len(exact)))
        part = flat_part(*seen, exact + noise[0] + 1j * noise[1], np.full(len(exact), SIGMA), (SIZE, SIZE))
        measurement, sources = measure([part], (SIZE, SIZE)), PointSources.at([truth])
        for _ in range(3):
            sources = fitted(measurement, np.zeros((SIZE, SIZE)), sources)
        offsets.append((sources.values[0] - truth) / sources.errors[0])
    assert np.sqrt(np.mean(np.square(offsets))) == pytest.approx(1.0, abs=0.25)  # 120 numbers


def test_images_hold_them_as_they_are():
    beam, shape = Beam(4.0, 3.0, 30.0), (64, 64)
    sources = PointSources.at([source(3.0, -8.0, 5.0, 12.0, 6.0, 35.0), (-7.0, 9.0, 2.0)])
    model = sources.image(shape)
    assert model.sum() == pytest.approx(7.0)
    assert model[32 + 9, 32 - 7] == pytest.approx(2.0, abs=1e-4)
    assert sources.restored(shape, beam) == pytest.approx(convolve(model, beam), abs=0.01)


def test_the_table_says_their_size():
    sources = PointSources.at([source(3.0, -8.0, 5.0, 2.4, 1.2, 35.0), (-7.0, 9.0, 2.0)])
    table = component_table(sources, (64, 64), 2.0, (10.0, -60.0))
    assert table.major_arcsec.tolist() == pytest.approx([4.8, 0.0])
    assert table.minor_arcsec.tolist() == pytest.approx([2.4, 0.0])
    assert table.position_angle_deg.tolist() == pytest.approx([35.0, 0.0])
