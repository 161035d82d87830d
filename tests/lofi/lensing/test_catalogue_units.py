"""What a table says about units and frames is converted, obeyed or refused."""

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import FK4, Angle, SkyCoord
from astropy.io import fits
from shear_tables import COLUMNS, GALAXIES, WITH_UNITS, read, with_unit, write


@pytest.mark.parametrize("name", WITH_UNITS)
@pytest.mark.parametrize("unit", ["rad", "arcmin", "arcsec", "hourangle", "deg", None])
def test_angles_of_any_unit_become_degrees(name, unit, tmp_path):
    if (name, unit) == ("cat.fits", "hourangle"):
        pytest.skip("astropy writes no hours; the next test does")
    scale = 1.0 if unit is None else (1 * units.Unit(unit)).to_value(units.deg)
    table = with_unit(ra=(GALAXIES["ra"] / scale, unit), dec=(GALAXIES["dec"] / scale, unit))
    catalogue = read(write(tmp_path / name, table))
    np.testing.assert_allclose(catalogue.ra, GALAXIES["ra"], rtol=1e-12)
    np.testing.assert_allclose(catalogue.dec, GALAXIES["dec"], rtol=1e-12)
    assert any("converted to degrees" in note for note in catalogue.notes) == (unit not in (None, "deg"))


@pytest.mark.parametrize("spelling", ["h", "hr", "hour", "hours", "hourangle", "HOURANGLE"])
def test_hours_are_spelt_in_many_ways(spelling, tmp_path):
    write(tmp_path / "cat.fits", GALAXIES | {"ra": GALAXIES["ra"] / 15})
    with fits.open(tmp_path / "cat.fits", mode="update") as hdus:
        hdus[1].header["TUNIT1"] = spelling
    np.testing.assert_allclose(read(tmp_path / "cat.fits").ra, GALAXIES["ra"], rtol=1e-12)


@pytest.mark.parametrize(
    ("words", "scale"), [("Angle[deg]", 1.0), ("degrees (J2000)", 1.0), ("Radians, ICRS", 180 / np.pi), ("DEG", 1.0)]
)
def test_words_that_name_one_angle_are_understood(words, scale, tmp_path):
    write(tmp_path / "cat.fits", GALAXIES | {"ra": GALAXIES["ra"] / scale})
    with fits.open(tmp_path / "cat.fits", mode="update") as hdus:
        hdus[1].header["TUNIT1"] = words
    np.testing.assert_allclose(read(tmp_path / "cat.fits").ra, GALAXIES["ra"], rtol=1e-12)


@pytest.mark.parametrize("words", ["d", "grad", "degrees or radians", "pixel"])
def test_words_that_name_no_angle_are_refused(words, tmp_path):
    write(tmp_path / "cat.fits", GALAXIES)
    with fits.open(tmp_path / "cat.fits", mode="update") as hdus:
        hdus[1].header["TUNIT1"] = words
    with pytest.raises(ValueError, match="expected an angle for ra"):
        read(tmp_path / "cat.fits")


@pytest.mark.parametrize("name", WITH_UNITS)
@pytest.mark.parametrize(
    ("column", "unit", "sentence"),
    [
        ("ra", "m", "expected an angle for ra"),
        ("dec", "Jy", "expected an angle"),
        ("e1", "arcsec", "expected an ellip"),
    ],
)
def test_other_units_are_refused(name, column, unit, sentence, tmp_path):
    with pytest.raises(ValueError, match=rf"column '{column}' of .*cat.* has the unit '{unit}'; {sentence}"):
        read(write(tmp_path / name, with_unit(**{column: (GALAXIES[column], unit)})))


def test_percent_is_converted_and_unknown_words_are_no_unit(tmp_path):
    table = with_unit(e1=(100 * GALAXIES["e1"], "percent"))
    catalogue = read(write(tmp_path / "cat.fits", table))
    np.testing.assert_allclose(catalogue.e1, GALAXIES["e1"])
    write(tmp_path / "words.fits", GALAXIES)
    with fits.open(tmp_path / "words.fits", mode="update") as hdus:
        hdus[1].header["TUNIT3"], hdus[1].header["TUNIT5"] = "distortion", "counts"
    np.testing.assert_allclose(read(tmp_path / "words.fits").e1, GALAXIES["e1"])


def test_a_scale_that_is_given_counts_instead_of_the_unit(tmp_path):
    path = write(tmp_path / "cat.fits", with_unit(ra=(GALAXIES["ra"] / 2, "rad")))
    catalogue = read(path, COLUMNS | {"ra": {"name": "ra", "scale": 2.0}})
    np.testing.assert_allclose(catalogue.ra, GALAXIES["ra"])


@pytest.mark.parametrize("name", ["cat.fits", "cat.csv", "cat.ecsv", "cat.h5"])
@pytest.mark.parametrize("form", ["colons", "letters"])
def test_sexagesimal_coordinates_are_converted(name, form, tmp_path):
    separator = ":" if form == "colons" else "fromunit"
    texts = {
        "ra": Angle(GALAXIES["ra"], "deg").to_string(units.hourangle, sep=separator, precision=5),
        "dec": Angle(GALAXIES["dec"], "deg").to_string(units.deg, sep=separator, precision=4, alwayssign=True),
    }
    catalogue = read(write(tmp_path / name, GALAXIES | {key: np.array(list(text)) for key, text in texts.items()}))
    np.testing.assert_allclose(catalogue.ra, GALAXIES["ra"], atol=1e-6)
    np.testing.assert_allclose(catalogue.dec, GALAXIES["dec"], atol=1e-6)


def test_a_catalogue_of_1950_is_brought_to_icrs_with_its_ellipticities(tmp_path):
    path = write(tmp_path / "cat.fits", GALAXIES)
    with fits.open(path, mode="update") as hdus:
        hdus[1].header["RADESYS"], hdus[1].header["EQUINOX"] = "FK4", 1950.0
    catalogue = read(path)
    old = SkyCoord(GALAXIES["ra"], GALAXIES["dec"], unit="deg", frame=FK4(equinox="B1950"))
    # An ellipse is drawn by two points along it: the line is turned by astropy, not by us.
    along = np.angle(GALAXIES["e1"] + 1j * GALAXIES["e2"]) / 2 - np.pi / 2  # position angle: North through East
    tip = old.directional_offset_by(along * units.rad, 1 * units.arcsec).icrs
    angle = old.icrs.position_angle(tip).rad + np.pi / 2
    expected = np.hypot(GALAXIES["e1"], GALAXIES["e2"]) * np.exp(2j * angle)
    np.testing.assert_allclose(catalogue.ra, old.icrs.ra.deg, atol=1e-9)
    np.testing.assert_allclose(catalogue.dec, old.icrs.dec.deg, atol=1e-9)
    np.testing.assert_allclose(catalogue.e1 + 1j * catalogue.e2, expected, atol=1e-4)
    assert np.abs(catalogue.e1 - GALAXIES["e1"]).max() > 1e-3
    assert "FK4 B1950" in " ".join(catalogue.notes)
    with fits.open(path, mode="update") as hdus:
        hdus[1].header["RADESYS"], hdus[1].header["EQUINOX"] = "FK5", 2000.0
    np.testing.assert_array_equal(read(path).ra, GALAXIES["ra"])


@pytest.mark.parametrize(("key", "column"), [("ra", "GLON"), ("dec", "glat"), ("ra", "elon")])
def test_other_coordinates_are_refused_by_name(key, column, tmp_path):
    table = {column if name == key else name: values for name, values in GALAXIES.items()}
    with pytest.raises(ValueError, match=rf"column '{column}' is (galactic|ecliptic) by its name; expected {key}"):
        read(write(tmp_path / "cat.csv", table), COLUMNS | {key: column})
