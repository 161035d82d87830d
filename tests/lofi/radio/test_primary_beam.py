"""Primary beams: widths that others measured, their place on the image, what is corrected, and when nothing is."""

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from measurement_set import write

from lofi.io.radio_fits import write_radio_image
from lofi.radio.beam_correction import CUT, Correction, correction
from lofi.radio.beam_weights import at_all_angles, channels
from lofi.radio.coverage import ARCSEC, synthesis
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.primary_beam import PrimaryBeam, airy, half_power_degrees, meerkat, power_image
from lofi.radio.radio_field import read_field
from lofi.radio.telescopes.telescope import telescope
from lofi.radio.visibilities.data_set import gather
from lofi.radio.visibilities.npz import write_npz
from lofi.radio.visibilities.read import read_together
from lofi.radio.visibilities.visibilities import Visibilities

CENTRE = (40.0, -30.0)


def gaussian(fwhm_degrees):
    return PrimaryBeam("Gaussian", lambda x, y, frequency: np.exp(-4 * np.log(2) * (x**2 + y**2) / fwhm_degrees**2))


def at(hertz):
    return at_all_angles([hertz], [1.0])


def mauch(degrees, frequency):
    """Power of MeerKAT, L band (Mauch et al. 2020, ApJ 888, 61, eqs. 3 and 4)."""
    x = 1.189 * degrees / (57.5 / 60 * 1.5e9 / frequency)
    return (np.cos(np.pi * x) / (1 - 4 * x**2)) ** 2


@pytest.mark.parametrize("frequency", [1.2e9, 1.28e9, 1.4e9, 1.5e9])
def test_meerkat_has_the_published_width(frequency):
    radii = np.linspace(0, 0.6, 50) * 1.4e9 / frequency
    power = meerkat(0.9e9, 1.67e9).polar(radii, at(frequency)).mean(axis=0)
    np.testing.assert_allclose(power, mauch(radii, frequency), atol=0.01)  # 2 % at half power
    assert power[0] == pytest.approx(1, abs=2e-3)


def test_at_the_edges_of_the_bands_the_beam_scales_with_the_wavelength():
    beam = meerkat(0.856e9, 1.712e9)
    for known, frequency in ((0.9e9, 0.856e9), (1.65e9, 1.712e9)):
        expected = half_power_degrees(beam, at(known)) * known / frequency
        assert half_power_degrees(beam, at(frequency)) == pytest.approx(expected, rel=1e-4)
    assert "UHF" in meerkat(0.6e9, 1.0e9).name
    assert "-L-" in meerkat(0.88e9, 1.0e9).name


def test_the_airy_pattern_is_the_power_of_an_even_disc():
    side = np.linspace(-1, 1, 801)
    disc = side[:, None] ** 2 + side**2 <= 1
    radii = np.array([0.0, 0.2, 0.5, 0.9, 1.5])
    wave = np.pi * 25 * 1.4e9 / 299792458 * np.sin(np.radians(radii))
    expected = [abs((disc * np.exp(1j * x * side)).sum() / disc.sum()) ** 2 for x in wave]
    np.testing.assert_allclose(airy(25).power(0.6 * radii, -0.8 * radii, 1.4e9), expected, atol=2e-3)
    assert np.radians(half_power_degrees(airy(25), at(1.4e9))) * 25 / 0.21414 == pytest.approx(0.515, abs=1e-3)


@pytest.mark.parametrize("shape", [(40, 40), (41, 40), (40, 57), (33, 35)])
@pytest.mark.parametrize("offset", [(0, 0), (300, -420)])  # arcsec towards East and North
def test_the_beam_lies_where_the_dishes_point(tmp_path, shape, offset):
    pointing = SkyCoord(*CENTRE, unit="deg").skyoffset_frame()
    pointing = SkyCoord(offset[0], offset[1], unit="arcsec", frame=pointing).transform_to("icrs")
    axis = tuple(np.sin(np.radians(np.array(offset) / 3600)))
    power = power_image(gaussian(0.5), shape, 60 * ARCSEC, at(1.4e9), axis)
    assert power.shape == shape
    header = {"cell_arcsec": 60, "centre": CENTRE, "frequency_hz": 1.4e9, "bandwidth_hz": 0, "simulated": False}
    write_radio_image(tmp_path / "pb.fits", power, "", **header)
    rows, columns = np.indices(shape)
    sky = SkyCoord(*WCS(fits.getheader(tmp_path / "pb.fits")).celestial.all_pix2world(columns, rows, 0), unit="deg")
    expected = np.exp(-4 * np.log(2) * (sky.separation(pointing).deg / 0.5) ** 2)
    np.testing.assert_allclose(power, expected, atol=1e-3)
    if offset == (0, 0):
        assert power[shape[0] // 2, shape[1] // 2] == 1 == power.max()


def test_a_band_is_averaged_with_the_weights_of_the_data():
    beam = PrimaryBeam("frequency", lambda x, y, frequency: np.full(np.shape(x), frequency / 2e9))
    frequency = np.repeat([1e9, 1.2e9, 1.6e9], [10, 20, 30])
    sigma = np.repeat([1.0, 2.0, 0.5], [10, 20, 30])
    found, weights = channels(visibilities(np.zeros(60), sigma=sigma, frequency=frequency))
    np.testing.assert_allclose(found, [1e9, 1.2e9, 1.6e9])
    power = power_image(beam, (32, 32), ARCSEC, at_all_angles(found, weights))
    np.testing.assert_allclose(power, np.average(frequency / 2e9, weights=sigma**-2.0))


def test_where_the_power_is_low_nothing_is_corrected():
    power = np.array([[1.0, 0.5, 0.1], [0.1 - 1e-9, 0.05, 0.0]])
    images = Correction(power, 0.1 * power, "").images(np.full((2, 3), 3.0), 0.2)
    assert {name: unit for name, (_, unit) in images.items()} == {
        "pb": "",
        "image-pb": "Jy/beam",
        "noise-pb": "Jy/beam",
    }
    assert np.array_equal(images["pb"][0], power)
    for name, expected in (("image-pb", [[3.0, 6.0, 30.0]]), ("noise-pb", [[0.2, 0.4, 2.0]])):
        image = images[name][0]
        assert image.mask.tolist() == [[False] * 3, [True] * 3]
        np.testing.assert_allclose(image[:1], expected)
    assert CUT == 0.1


@pytest.mark.parametrize("alpha", [-0.7, 0.2])
def test_the_spectral_index_loses_that_of_the_beam(alpha):
    """Off the axis spectra are steeper; a power law is fitted to what the dishes see of a source, by least squares."""
    hertz, options = np.linspace(1.0e9, 1.8e9, 4), ((64, 64), 1.0 * ARCSEC * 60)
    data = gather("x", [Source([visibilities(np.ones(4), frequency=hertz)])], 10**6)
    found, _ = correction(25.0, data, *options, with_index=True)
    powers = np.array([power_image(airy(25.0), *options, at(f)) for f in hertz]).reshape(4, -1)
    flux = powers * (hertz[:, None] / 1.4e9) ** alpha
    fits = [np.polyfit(np.log(hertz), np.log(f), 1, w=f)[0] for f in flux.T]
    seen = np.reshape(fits, (64, 64))
    index, unit = found.images(np.ones((64, 64)), 0.1, np.ma.masked_array(seen))["alpha-pb"]
    assert unit == ""
    bright = found.power > 0.4
    assert np.abs(seen - alpha)[bright].max() > 1
    np.testing.assert_allclose(index[bright], alpha, atol=0.1)
    mean, _ = correction(25.0, data, *options)
    assert found.power[32, 44] != pytest.approx(mean.power[32, 44], rel=1e-3)


def visibilities(values, *, sigma=None, frequency=None, u=None, v=None, **header):
    count = len(values)
    u, v = (np.linspace(10, 100, count) if x is None else x for x in (u, v))
    sigma = np.ones(count) if sigma is None else sigma
    frequency = np.full(count, 1.4e9) if frequency is None else frequency
    options = {"centre": CENTRE, "telescope": "MeerKAT"} | header
    return Visibilities(u, v, np.zeros(count), np.asarray(values, complex), sigma, frequency, **options)


class Source(list):
    notes = ()


def corrected(choice, arcmin, *parts):
    """The correction of an image so wide."""
    data = gather("x", [Source([part]) for part in parts], 10**6)
    return correction(choice, data, (64, 64), arcmin / 64 * 60 * ARCSEC)


def test_what_the_dishes_are_decides():
    known, other = visibilities(np.ones(5)), visibilities(np.ones(5), telescope="VLBA")
    simulated = visibilities(np.ones(5), simulated=True)
    found, notes = corrected("auto", 60, known)
    assert notes == []
    assert "katbeam 0.1 MKAT-AA-L-JIM-2020" in found.note
    assert "half power 30.6 arcmin from the axis" in found.note
    assert corrected("auto", 4, known) == (None, [])  # less than 1 % in the corners
    assert corrected("meerkat", 4, simulated)[0].power.min() > 0.99
    data = gather("x", [Source([known])], 10**6)  # a set of a simulation that names the telescope
    for choice, beam in (("auto", None), ("meerkat", "katbeam"), (13.5, "Airy")):
        found, notes = correction(choice, data, (64, 64), 60 * ARCSEC, simulated=True)
        assert (found is None and "simulated" in notes[0]) if beam is None else beam in found.note
    for choice, part, words in (
        ("auto", other, r"the dishes of VLBA are not known (--primary-beam METRES tells their diameter): fluxes off"),
        ("auto", simulated, "simulated visibilities (--primary-beam says which beam they have): fluxes off the centre"),
        ("none", known, "--primary-beam none: fluxes off the centre are as the dishes saw them"),
    ):
        found, (note,) = corrected(choice, 60, part)
        assert found is None
        assert note.startswith(words)
        assert corrected(choice, 1, part) == (None, [])
    assert "Airy pattern of 24.5 m" in corrected(24.5, 1, other)[0].note


def test_frequencies_of_other_receivers():
    high = visibilities(np.ones(5), frequency=np.full(5, 2.6e9))
    words = "the primary beam of MeerKAT is known from 544 to 1712 MHz, the data reach from 2600 to 2600 MHz"
    with pytest.raises(ValueError, match=words):
        corrected("meerkat", 60, high)
    assert corrected("auto", 60, high)[1][0].startswith(words)


def test_pointings_beside_the_phase_centre():
    beside = visibilities(np.ones(5), pointing=(CENTRE[0], CENTRE[1] + 0.25))
    found, _ = corrected("auto", 60, beside)
    assert np.argwhere(found.power == found.power.max())[0].tolist() == [48, 32]
    assert "from the axis, which is 15 arcmin from the phase centre" in found.note
    found, (note,) = corrected("auto", 60, beside, visibilities(np.ones(5)))
    assert found is None
    assert note.startswith("the dishes pointed in 2 directions")
    with pytest.raises(ValueError, match="pointed in 2 directions, which have no beam in common; use --primary-beam n"):
        corrected(25.0, 60, beside, visibilities(np.ones(5)))
    with pytest.raises(ValueError, match="the dishes pointed so far from the image"):
        corrected("auto", 10, visibilities(np.ones(5), pointing=(CENTRE[0], CENTRE[1] + 5)))


def test_a_measurement_set_says_where_the_dishes_pointed(tmp_path):
    tables = pytest.importorskip("casacore.tables", reason="python-casacore is not installed")
    write(tmp_path / "obs.ms").close()
    (pointing,) = read_together([tmp_path / "obs.ms"]).pointings
    assert pointing == pytest.approx((202.5, -30.7))
    for direction, expected in (((202.9, -30.2), (202.9, -30.2)), ((0.0, 0.0), (202.5, -30.7))):  # zeros: not set
        with tables.table(f"{tmp_path}/obs.ms/FIELD", readonly=False, ack=False) as field:
            field.putcell("REFERENCE_DIR", 0, np.radians([direction]))
        data = read_together([tmp_path / "obs.ms"])
        assert data.pointings[0] == pytest.approx(expected)
        assert data.centre == pytest.approx((202.5, -30.7))


@pytest.mark.parametrize("angle", np.arange(8) * 45.0)
def test_the_flux_of_a_source_at_half_power(tmp_path, angle):
    """A band that MeerKAT's short baselines saw through the published beam, its upper half with more weight."""
    seen = synthesis(telescope("meerkat"), CENTRE[1], (-1, 1), 600.0, [1.1e9, 1.2e9, 1.4e9, 1.5e9])
    frequency = np.repeat([1.1e9, 1.2e9, 1.4e9, 1.5e9], len(seen.u) // 4)
    short = np.hypot(seen.u, seen.v) < 3000
    u, v, frequency = seen.u[short], seen.v[short], frequency[short]
    cell, size = 30 * ARCSEC, 160
    row, column = np.rint(80 + 64 * np.array([np.sin(np.radians(angle)), np.cos(np.radians(angle))])).astype(int)
    east, north = -cell * (column - 80), cell * (row - 80)
    power = mauch(np.degrees(np.hypot(east, north)), frequency)
    assert 0.35 < power.mean() < 0.65
    values = 2.0 * power * np.exp(-2j * np.pi * (u * east + v * north))
    write_npz(
        tmp_path / "source.npz",
        visibilities(values, u=u, v=v, frequency=frequency, sigma=np.where(frequency > 1.3e9, 0.01, 0.02)),
    )
    options = ImagingOptions(pixels=size, cell_arcsec=30, weighting="natural")
    field = read_field([tmp_path / "source.npz"], options)
    image = field.correction.images(field.imaged.dirty[0], field.imaged.noise[0])
    assert image["image-pb"][0][row, column] == pytest.approx(2.0, rel=0.02)
    noise = field.imaged.noise[0] / field.correction.power[row, column]
    assert image["noise-pb"][0][row, column] == pytest.approx(noise)
