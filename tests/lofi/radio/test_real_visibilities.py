"""Real visibilities, where the file is present: M87 at 227 GHz, Event Horizon Telescope, 6 April 2017."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from image_command import refused

from lofi.radio.gridding import default_cell
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.radio_field import read_field
from lofi.radio.visibilities.noise_check import check_noise
from lofi.radio.visibilities.read import read_visibilities

FILE = Path(__file__).parents[3].parent / "shared" / "data" / "radio" / "m87_eht_2017_096_lo.uvfits"
MICROARCSEC = np.pi / 180 / 3600e6


@pytest.fixture(scope="module")
def m87():
    if not FILE.exists():
        pytest.skip("no real visibilities here")
    return read_visibilities(FILE)


def test_what_is_known_of_the_observation(m87):
    assert len(m87) == 8645
    assert len(set(zip(m87.antenna1.tolist(), m87.antenna2.tolist(), strict=True))) == 21
    assert m87.centre == pytest.approx((187.70593, 12.39112), abs=1e-5)
    assert (m87.object, m87.date, m87.simulated, m87.notes) == ("M87", "2017-04-06", False, ())
    assert m87.centre_frequency == pytest.approx(227.07e9, rel=1e-4)
    assert m87.bandwidth == pytest.approx(1.856e9)
    lengths = np.hypot(m87.u, m87.v)
    assert 8.2e9 < lengths.max() < 8.4e9
    assert lengths.min() < 1e7  # two pairs of stations stand on one mountain
    flux = np.abs(m87.values[lengths < 1e7])
    assert 0.9 < np.median(flux) < 1.3  # Jy, of the compact source


def test_the_weights_are_believable(m87):
    check = check_noise(m87)
    assert check.along == "time"
    assert not check.above
    assert not check.below
    assert check.pairs > 8000
    assert 0.8 < check.ratio < 1.1


def ring(u, v, angle, diameter=42.0, contrast=0.3):
    """Visibilities of a thin ring, brightest at a position angle (North through East): I = 1 + contrast cos."""
    theta = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    east, north = diameter / 2 * MICROARCSEC * np.stack([np.sin(theta), np.cos(theta)])
    intensity = (1 + contrast * np.cos(theta - angle)) / 72
    return np.exp(-2j * np.pi * (np.outer(u, east) + np.outer(v, north))) @ intensity


def test_the_ring_is_brighter_in_the_south(m87):
    """Closure phases, which stations cannot corrupt, tell South from North, and so the sign of u and v."""
    ticks = np.unique(m87.time.round(), return_inverse=True)[1]
    table = np.full((9, 9, ticks.max() + 1), -1)
    table[m87.antenna1, m87.antenna2, ticks] = np.arange(len(m87))
    sides = [[table[a, b], table[b, c], table[a, c]] for a, b, c in combinations(range(1, 9), 3)]
    sides = np.concatenate(sides, axis=1)
    sides = sides[:, (sides >= 0).all(axis=0)]

    def bispectrum(values):
        return values[sides[0]] * values[sides[1]] * values[sides[2]].conj()

    angles = np.deg2rad(np.arange(0, 360, 20))
    phases = [np.angle(bispectrum(ring(m87.u, m87.v, angle))) for angle in angles]
    measured = bispectrum(m87.values)
    relative = m87.sigma / np.abs(m87.values)
    reliable = np.sqrt((relative[sides] ** 2).sum(axis=0)) < 1
    fit = [np.mean(np.cos(np.angle(measured) - phase)[reliable]) for phase in phases]
    best = np.rad2deg(angles[np.argmax(fit)])
    assert 110 <= best <= 220
    assert max(fit) > 0.7
    assert max(fit) > fit[(int(np.argmax(fit)) + 9) % 18] + 0.1  # brightest on the opposite side


@pytest.mark.skipif(not FILE.exists(), reason="no real visibilities here")
def test_real_visibilities_are_read_weighed_and_measured(run, capsys):
    field = read_field([FILE], ImagingOptions(pixels=64, cell_arcsec=2e-6))
    assert not field.warnings  # the weights hold
    bmaj, bmin = field.imaged.beam.arcsec(2.0)
    assert 12 < bmin <= bmaj < 30  # microarcsec
    assert field.centre == pytest.approx((187.70593, 12.39112), abs=1e-5)
    refused(run(FILE, "--cell", 2e-6), capsys, "not calibrated")  # phases of single stations are not
    refused(run(FILE, "--cell", 1.0), capsys, "m87", "wavelengths", f"{default_cell(field.data.longest):g} arcsec")
