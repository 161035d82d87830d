"""Bright unresolved sources between pixels: found, measured, taken out, and left alone where they are none."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import SkyCoord
from scipy.ndimage import maximum_filter

from lofi.io.checkpoint import load_denoiser
from lofi.radio import point_search, point_sources
from lofi.radio.beam import Beam
from lofi.radio.component_table import component_table, write_table
from lofi.radio.coverage import ARCSEC, radians_per_pixel, synthesis
from lofi.radio.gridding import Grid
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.measurement import flat_part, measure
from lofi.radio.operator import VisibilityOperator
from lofi.radio.point_search import _peaks, find_points
from lofi.radio.point_sources import PointSources, extents, fitted, without
from lofi.radio.prediction import predictor
from lofi.radio.products import Products, with_sources
from lofi.radio.reconstruction import reconstruct
from lofi.radio.starts import data_term
from lofi.radio.telescopes.telescope import telescope
from lofi.radio.visibilities.visibilities import Visibilities
from lofi.radio.wide_field import WideFieldOperator
from lofi.seeds import stream
from lofi.solvers.admm import Schedule
from lofi.solvers.positivity import positivity_in_cycles, positivity_only

SIZE, CELL = 64, 1.9  # arcsec, a third of the resolution
SIGMA = 0.1
WIDTH = 6.0  # pixels, standard deviation of the diffuse emission


@pytest.fixture(scope="module")
def axes():
    coverage = synthesis(telescope("meerkat"), -30.0, (-0.5, 0.5), 600.0, 1.4e9)
    return radians_per_pixel(coverage, CELL)


def observed(axes, sources, width=0.0):
    """A Gaussian of 40 Jy beside sources (column, row, Jy) that are Gaussians of a `width`, by analytic transforms."""
    x, y = axes
    envelope = np.exp(-(x**2 + y**2) * WIDTH**2 / 2)
    values = 40 * envelope * np.exp(-1j * (4 * x - 6 * y))
    for column, row, flux in sources:
        values = values + flux * np.exp(-(x**2 + y**2) * width**2 / 2 - 1j * (column * x + row * y))
    noise = stream("points", "noise").standard_normal((2, len(x)))
    part = flat_part(x, y, values + SIGMA * (noise[0] + 1j * noise[1]), np.full(len(x), SIGMA), (SIZE, SIZE))
    return measure([part], (SIZE, SIZE))


def positive(measurement):
    return positivity_only(data_term(measurement))[0].numpy().astype(float)


def found(measurement):
    return find_points(measurement, positive(measurement), positive)[0]


@pytest.mark.parametrize("wide", [False, True])
def test_a_point_is_the_direct_sum_with_its_derivatives(wide):
    u, v, w = stream("points", "baselines").uniform(-300, 300, (3, 50))
    cell, column, row = 1e-3, 7.3, -4.6

    def direct(column, row):
        l, m = -column * cell, row * cell  # noqa: E741
        return np.exp(-2j * np.pi * (u * l + v * m + wide * w * (np.sqrt(1 - l**2 - m**2) - 1)))

    if wide:
        operator = WideFieldOperator(u, v, w, np.full(50, 1e9), (32, 32), cell)
    else:
        operator = VisibilityOperator(-2 * np.pi * u * cell, 2 * np.pi * v * cell, (32, 32))
    value, *turns = operator.point(column, row, slice(10, 50))
    by_column, by_row = (-1j * turn * value for turn in turns)
    assert value == pytest.approx(direct(column, row)[10:], abs=1e-9)
    step = 1e-5
    numerical = (direct(column + step, row) - direct(column - step, row)) / (2 * step)
    assert by_column == pytest.approx(numerical[10:], abs=1e-6)
    numerical = (direct(column, row + step) - direct(column, row - step)) / (2 * step)
    assert by_row == pytest.approx(numerical[10:], abs=1e-6)
    image = np.zeros((32, 32))
    image[16 - 4, 16 + 7] = 1.0
    assert operator.point(7, -4)[0] == pytest.approx(operator.forward(image), abs=1e-6)


def test_steps_from_nearby_end_at_the_sources_and_tell_their_errors(axes):
    x, y = axes
    truth = np.array([[3.4, -8.7, 5.0], [9.1, -7.2, 2.0]])  # less than two beams apart
    exact = PointSources.at(truth).visibilities(VisibilityOperator(x, y, (SIZE, SIZE)))
    offsets = []
    for number in range(12):
        noise = SIGMA * stream("points", "steps", number).standard_normal((2, len(x)))
        part = flat_part(x, y, exact + noise[0] + 1j * noise[1], np.full(len(x), SIGMA), (SIZE, SIZE))
        measurement, sources = measure([part], (SIZE, SIZE)), PointSources.at(truth + np.array([0.2, -0.2, 0.5]))
        for _ in range(4):
            sources = fitted(measurement, np.zeros((SIZE, SIZE)), sources)
        offsets.append((sources.values[:, :3] - truth) / sources.errors[:, :3])
    assert np.sqrt(np.mean(np.square(offsets))) == pytest.approx(1.0, abs=0.25)  # 72 numbers


@pytest.mark.parametrize("wanted", [[(18.5, -11.5, 1e4)], [(-20.3, 15.6, 5e3), (14.5, -12.5, 1e4), (19.5, -9.5, 1e3)]])
@pytest.mark.parametrize(("large", "pixels", "noises"), [(2**20, 0.02, 40), (1, 0.05, 100)])
def test_sources_between_pixels_are_found_beside_diffuse_emission(axes, wanted, large, pixels, noises, monkeypatch):
    monkeypatch.setattr(point_search, "LARGE", large)
    noise = SIGMA / np.sqrt(len(axes[0]))
    truth = np.array(wanted) * [1, 1, noise]
    measurement = observed(axes, truth)
    before = data_term(measurement).chi2(positivity_only(data_term(measurement)))
    sources = found(measurement)
    assert len(sources) == len(truth)
    order = [sources.offset(*place).argmin() for place in truth[:, :2]]
    assert not sources.extended.any()
    difference = sources.values[order, :3] - truth
    assert np.hypot(*difference[:, :2].T).max() < pixels
    assert np.abs(difference[:, 2]).max() < noises * noise  # at 40, a fifth of the diffuse emission of a pixel
    rest = data_term(without(measurement, sources))
    assert before > 3
    assert rest.chi2(positivity_only(rest)) < 1.05


def test_what_fits_in_memory_is_subtracted_once(axes, monkeypatch):
    measurement, calls, whole = observed(axes, []), [], PointSources.visibilities
    monkeypatch.setattr(PointSources, "visibilities", lambda *arguments: calls.append(1) or whole(*arguments))
    measurement = dataclasses.replace(measurement, shape=(8, 8))  # room for as many numbers as pixels
    for kept, passes in ((len(axes[0]), 1), (len(axes[0]) - 1, 3)):
        monkeypatch.setattr(point_sources, "KEPT", kept)
        calls.clear()
        rest = without(measurement, PointSources.at([(3.4, -8.7, 5.0)]))
        values = [part.visibilities for _ in range(2) for part in rest.parts]
        assert len(calls) == passes
        assert (values[0] == values[1]).all()


def test_peaks_are_those_of_a_maximum_filter():
    image = stream("points", "peaks").standard_normal((40, 33)).clip(0).round(1)  # also equal neighbours
    expected = np.argwhere((image == maximum_filter(image, 7)) & (image > 0.5))
    assert _peaks(image, 0.5, 3).tolist() == expected.tolist()


def test_small_gaussians_have_their_variance():
    places, widths = np.array([(3.4, -8.7, 5.0), (9.1, -7.2, 2.0)]), np.array([0.0, 0.3])  # pixels
    x, y = radians_per_pixel(synthesis(telescope("meerkat"), -30.0, (-0.5, 0.5), 600.0, 1.4e9), CELL)
    shapes = [np.exp(-(x**2 + y**2) * width**2 / 2) for width in widths]
    points = [place[2] * np.exp(-1j * (x * place[0] + y * place[1])) for place in places]
    values = sum(shape * point for shape, point in zip(shapes, points, strict=True))
    measurement = measure([flat_part(x, y, values, np.full(len(x), SIGMA), (SIZE, SIZE))], (SIZE, SIZE))
    found = extents(measurement, np.zeros((SIZE, SIZE)), PointSources.at(places))
    assert found == pytest.approx(widths**2, abs=0.005)


def test_what_is_resolved_stays_in_the_image(axes, denoiser_folder):
    noise = SIGMA / np.sqrt(len(axes[0]))
    for measurement in (observed(axes, []), observed(axes, [(18.5, -11.5, 3e3 * noise)], width=1.3)):  # a beam
        assert len(found(measurement)) == 0
        denoiser, _ = load_denoiser(denoiser_folder)
        schedule = Schedule(iterations=2, annealing=1)
        with_search, plain = (
            reconstruct(measurement, denoiser, schedule, 1, points=points) for points in (True, False)
        )
        assert (with_search.images == plain.images).all()
        assert with_search.measurement is measurement


def test_they_return_with_their_whole_flux(tmp_path):
    sources, shape, centre = PointSources.at([(3.4, -8.7, 5.0), (-7.2, 9.0, 2.0)]), (40, 33), (10.0, -60.0)
    flat, beam = np.ones(shape), Beam(4.0, 3.0, 30.0)
    published = with_sources(Products(flat, flat, flat, flat, flat, beam, 1.0, 1.0, 10), sources)
    assert published.model.sum() == pytest.approx(40 * 33 + 7)
    assert (published.model[20 - 9, 16 + 3], published.model[20 + 9, 16 - 7]) == (6, 3)
    assert published.image.sum() == pytest.approx(40 * 33 + 7 * beam.area, rel=1e-6)
    assert published.image[20 - 8, 16 + 4] == pytest.approx(1 + 5 * beam.at(0.6, 0.7), abs=1e-6)
    assert (published.residual == 1).all()
    write_table(tmp_path / "c.csv", component_table(sources, shape, 60.0, centre))
    table = pd.read_csv(tmp_path / "c.csv")
    assert list(table.flux_jy) == [5, 2]
    expected = SkyCoord(*centre, unit="deg").skyoffset_frame()
    for line, (column, row, *_) in zip(table.itertuples(), sources.values, strict=True):
        l, m = -column * 60 * ARCSEC, row * 60 * ARCSEC  # noqa: E741
        offset = SkyCoord(line.ra_deg, line.dec_deg, unit="deg", frame="icrs").transform_to(expected)
        sines = [float(np.cos(offset.lat) * np.sin(offset.lon)), float(np.sin(offset.lat))]
        assert sines == pytest.approx([l, m], abs=1e-9)


def test_predictions_hold_them_at_their_exact_places():
    u, v, w = stream("points", "predicted").uniform(-1000, 1000, (3, 40))
    samples, image = (u, v, w, np.full(40, 1.0e9)), np.zeros((32, 32))
    image[16 + 5, 16 - 3] = 2.0
    both = predictor(image, PointSources.at([(4, 6, 1.0)]), 1e-4)(*samples)
    image[16 + 6, 16 + 4] = 1.0
    assert both == pytest.approx(predictor(image, PointSources.at([]), 1e-4)(*samples), abs=1e-5)


def test_a_source_far_off_the_axis_is_found_with_the_w_term():
    grid = Grid((SIZE, SIZE), 40.0, wide=True)
    seen = synthesis(telescope("meerkat"), -30.0, (3.5, 4.0), 600.0, 1.4e9)
    kept = np.hypot(seen.u, seen.v) * grid.cell_radians < 1 / 3
    u, v, w = (axis[kept] for axis in (seen.u, seen.v, seen.w))
    sigma, truth = np.full(len(u), SIGMA), np.array([-24.5, 25.5, 1e4 * SIGMA / np.sqrt(len(u))])
    l, m = -truth[0] * grid.cell_radians, truth[1] * grid.cell_radians  # noqa: E741
    phase = u * l + v * m + w * (np.sqrt(1 - l**2 - m**2) - 1)
    noise = SIGMA * stream("points", "wide").standard_normal((2, len(u)))
    values = truth[2] * np.exp(-2j * np.pi * phase) + noise[0] + 1j * noise[1]
    visibilities = Visibilities(u, v, w, values, sigma, np.full(len(u), 1.4e9))
    measurement = measure([grid.part(visibilities, np.zeros(len(u), bool))], (SIZE, SIZE))
    assert not measurement.exact

    def in_cycles(measurement):
        return positivity_in_cycles(data_term(measurement))[0].numpy().astype(float)

    sources, _ = find_points(measurement, in_cycles(measurement), in_cycles)
    (difference,) = sources.values[:, :3] - truth
    assert np.abs(difference[:2]).max() < 0.002
    assert difference[2] == pytest.approx(0, abs=1e-3 * truth[2])


def test_a_wrong_word_is_refused():
    with pytest.raises(ValueError, match="points is 'some'; expected one of auto, none"):
        dataclasses.replace(ImagingOptions(pixels=64), points="some")
