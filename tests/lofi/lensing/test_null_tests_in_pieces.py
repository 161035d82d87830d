"""`lofi check` reads a catalogue in pieces: p-values do not depend on them, and memory does not follow the file."""

import tracemalloc

import numpy as np
import pytest
from astropy.table import Table
from mock_surveys import mock_survey

from lofi.lensing import extent, rows
from lofi.lensing.catalogue import ShearCatalogue
from lofi.lensing.checking import checks_of
from lofi.lensing.null_tests import b_mode, overview
from lofi.lensing.null_tests.b_mode import Turns
from lofi.lensing.null_tests.blocks import Slope
from lofi.lensing.tables import columns
from lofi.lensing.tangent_plane import unit_vectors
from lofi.seeds import stream

NAMES = {"ra": "ra", "dec": "dec", "e1": "e1", "e2": "e2", "weight": "w", "psf_e1": "p1", "psf_e2": "p2"}
OPTIONS = {"columns": NAMES | {"psf_size": "size"}, "max_ellipticity": 3.0}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    survey = mock_survey(stream("null tests in pieces"), side=40, density=1.0)
    table = {"ra": survey.ra, "dec": survey.dec, "e1": survey.e1, "e2": survey.e2, "w": survey.weight}
    table |= {"p1": survey.psf.real, "p2": survey.psf.imag, "size": survey.psf_size}
    path = tmp_path_factory.mktemp("survey") / "cat.fits"
    Table(table).write(path)
    return path


def numbers(checked):
    return np.array([[test.value, test.error, test.p_value] for test in checked.tests])


def test_p_values_are_the_same_whatever_the_pieces_and_the_memory(catalogue, monkeypatch):
    whole = checks_of(catalogue, OPTIONS, pixel_arcmin=2.5, rotations=102)
    monkeypatch.setattr(columns, "ROWS", 1000)
    monkeypatch.setattr(overview, "PENDING", 50)
    monkeypatch.setattr(b_mode, "MOST_BYTES", 1)  # four rotations in a reading
    pieces = checks_of(catalogue, OPTIONS, pixel_arcmin=2.5, rotations=102)
    assert [test.name for test in pieces.tests] == [test.name for test in whole.tests]
    assert len(whole.tests) == 7
    assert pieces.galaxies == whole.galaxies
    np.testing.assert_allclose(numbers(pieces), numbers(whole), rtol=1e-4, atol=1e-9)  # maps in single precision
    exact = [not test.name.startswith("B mode") for test in whole.tests]
    np.testing.assert_allclose(numbers(pieces)[exact][2:], numbers(whole)[exact][2:], rtol=1e-12)


def test_blocks_of_a_sample_serve_all(catalogue, monkeypatch):
    """With every fourth position alone: the values stay, errors are those of other blocks, fields hold all galaxies."""
    whole = checks_of(catalogue, OPTIONS, pixel_arcmin=2.5, rotations=100)
    monkeypatch.setattr(rows, "LARGEST_SAMPLE", 2000)
    sampled = checks_of(catalogue, OPTIONS, pixel_arcmin=2.5, rotations=100)
    expected, found = numbers(whole), numbers(sampled)
    np.testing.assert_allclose(found[:-1, 0], expected[:-1, 0], rtol=1e-9)
    np.testing.assert_allclose(found[:-1, 1], expected[:-1, 1], rtol=0.5)
    assert whole.tests[-1].name.startswith("B mode")
    np.testing.assert_array_equal(found[-1], expected[-1])


def test_a_slope_is_that_of_its_definition():
    rng = np.random.default_rng(1)
    weight, block = rng.random(3000) + 0.1, np.arange(3000) // 300
    response, cause = rng.standard_normal(3000) + 1j * rng.standard_normal(3000) + 0.3, 5 + rng.random(3000)
    slope = Slope("", 10, relative="cause")
    for part in (np.arange(0), *np.array_split(np.arange(3000), 7)):
        slope.add(response[part], cause[part], weight[part], block[part])
    relative = cause / np.average(cause, weights=weight)
    about = response - np.average(response, weights=weight)
    relative = relative - 1
    expected = np.sum(weight * about * relative) / np.sum(weight * relative**2)
    assert slope.test().value == pytest.approx(abs(expected), rel=1e-9)


def test_turns_are_those_of_each_galaxy():
    whole, parts = (Turns(np.array([5, 6])) for _ in range(2))
    expected = whole.of_next(1001)
    found = np.concatenate([parts.of_next(count) for count in (3, 500, 498)], axis=1)
    np.testing.assert_array_equal(found, expected)
    assert expected.shape == (8, 1001)
    assert np.abs(np.exp(2j * np.pi * expected / 256).mean(axis=1)).max() < 0.1


def test_densities_are_those_of_cells(catalogue):
    table = Table.read(catalogue)
    directions = unit_vectors(np.array(table["ra"]), np.array(table["dec"]))

    one = np.ones(len(table))
    seen = overview.overview(ShearCatalogue(np.array(table["ra"]), np.array(table["dec"]), one, one, one), 4.0)
    density = seen.relative_density(directions)
    assert density.mean() == pytest.approx(1)
    assert seen.counts.sum() == seen.galaxies == len(table)
    cell = overview._cell(directions, seen.side)
    chosen = cell == cell[0]
    assert density[0] * np.sum(seen.counts**2) / seen.galaxies == pytest.approx(chosen.sum())


def test_memory_does_not_follow_the_catalogue(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "LARGEST_SAMPLE", 2000)
    monkeypatch.setattr(extent, "FEW", 2000)
    monkeypatch.setattr(overview, "PENDING", 2000)
    monkeypatch.setattr(columns, "ROWS", 4000)
    rng, peaks = stream("null tests in pieces", "memory"), []
    for count in (20_000, 20_000, 100_000):  # the first fills caches; the last has 6.4 MB
        table = {"ra": 40 + rng.random(count), "dec": rng.random(count)}
        table |= {name: 0.2 * rng.standard_normal(count) for name in ("e1", "e2", "p1", "p2")}
        path = tmp_path / "cat.fits"
        Table(table | {"w": np.ones(count), "size": rng.random(count)}).write(path, overwrite=True)
        tracemalloc.start()
        checks_of(path, OPTIONS, pixel_arcmin=2.0, rotations=100)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < peaks[1] + 1e6
