"""Small files as archives hold them, with their true skies; only where the cases lie beside the project."""

import math

import archive_cases
import numpy as np
import pytest
from astropy.coordinates import FK5, SkyCoord

from lofi.radio.gridding import Grid
from lofi.radio.measurement import measure
from lofi.radio.point_search import find_points
from lofi.radio.starts import Starts
from lofi.radio.visibilities.read import read_visibilities

ARCSEC = np.pi / 180 / 3600
NAMES = [
    *("b1950_control.uvfits", "b1950_header.uvfits", "b1950_su.uvfits", "pole_north.uvfits", "pole_south.uvfits"),
    *("unit_jy.uvfits", "unit_mjy.uvfits", "unit_k_str.uvfits", "noise_10s.uvfits", "noise_20min.uvfits"),
    *("noise_30min.uvfits", "noise_10s_wrong.uvfits", "noise_20min_wrong.uvfits", "band_flat.npz", "band_steep.npz"),
]
pytestmark = archive_cases.need("radio_cases")


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Folder of the files, and what is true of each."""
    return archive_cases.create("radio_cases", tmp_path_factory.mktemp("cases"))


def predicted(read, truth):
    """Visibilities of the true sources about the phase centre that was read, by direct sums."""
    centre = SkyCoord(*read.centre, unit="deg", frame=FK5(equinox="J2000"))
    total = np.zeros(len(read), complex)
    for source in truth["sources"]:
        place = SkyCoord(source["ra"], source["dec"], unit="deg").transform_to(centre.frame)
        separation, angle = centre.separation(place).rad, centre.position_angle(place).rad
        east, north = np.sin(separation) * np.array([np.sin(angle), np.cos(angle)])
        width = source["fwhm_arcsec"] * ARCSEC / np.sqrt(8 * np.log(2))
        envelope = np.exp(-2 * (np.pi * width) ** 2 * (read.u**2 + read.v**2))
        spectrum = (read.frequency / truth.get("reference_hz", 1.0)) ** truth.get("spectral_index", 0.0)
        total += source["flux_jy"] * spectrum * envelope * np.exp(-2j * np.pi * (read.u * east + read.v * north))
    return total


@pytest.mark.parametrize("name", NAMES)
def test_the_true_sky_explains_the_visibilities_to_their_noise(cases, name):
    folder, truths = cases
    read, truth = read_visibilities(folder / name), truths[name]
    residual = np.abs(read.values - predicted(read, truth)) ** 2 / (2 * (read.sigma * truth["sigma_scale"]) ** 2)
    assert residual.mean() == pytest.approx(1.0, abs=4 / np.sqrt(len(read)))
    assert read.warnings == ()


@pytest.mark.parametrize(
    ("name", "wide"),
    [
        ("pole_north.uvfits", False),
        ("pole_south.uvfits", True),
        ("b1950_header.uvfits", True),
        ("unit_jy.uvfits", True),
        ("noise_20min.uvfits", True),
    ],
)
def test_bright_sources_that_are_smaller_than_the_beam_but_resolved_are_no_points(cases, name, wide):
    folder, truths = cases
    read, shape = read_visibilities(folder / name), (truths[name]["pixels"],) * 2
    grid = Grid(shape, truths[name]["cell_arcsec"], wide=wide)
    measurement = measure([grid.part(read, np.zeros(len(read), bool))], shape)
    starts = Starts(measurement, math.inf, "cpu")

    def positive(rest):
        return starts.of(rest, None).janskys

    sources, _ = find_points(measurement, positive(measurement), positive)
    assert len(sources) == 0


def test_data_that_are_perhaps_not_calibrated_are_read_with_a_warning(cases):
    folder, _ = cases
    assert "UNCALIB" in read_visibilities(folder / "unit_uncalib.uvfits").warnings[0]
