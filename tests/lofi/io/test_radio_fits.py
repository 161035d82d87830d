"""Radio images in FITS: axes, coordinates, beam, and what is refused."""

import warnings

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import FK5, SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from astropy.wcs.utils import wcs_to_celestial_frame

from lofi.io.radio_fits import write_radio_image, write_radio_set

HEADER = {
    "cell_arcsec": 2.0,
    "centre": (202.5, -30.7),
    "frequency_hz": 1.4e9,
    "bandwidth_hz": 1e7,
    "beam": (12.5 / 3600, 9.25 / 3600, -33.0),
    "object": "M31",
    "telescope": "MeerKAT",
    "date": "2025-03-01",
    "simulated": True,
    "history": ["seed: radio/test/3", "coverage: Übersicht"],
}


def sky(shape=(6, 9)):
    return np.arange(np.prod(shape), dtype=float).reshape(shape)


@pytest.mark.parametrize("shape", [(6, 9), (7, 8), (5, 5), (8, 8)])
def test_round_trip_and_coordinates(tmp_path, shape):
    write_radio_image(tmp_path / "new" / "sky.fits", sky(shape), "Jy/beam", **HEADER)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with fits.open(tmp_path / "new" / "sky.fits", checksum=True) as hdus:
            hdus.verify("exception")
            assert len(hdus) == 1
            assert hdus[0].data.shape == (1, 1, *shape)
            assert np.array_equal(hdus[0].data[0, 0], sky(shape).astype(np.float32))
            header = hdus[0].header
        wcs = WCS(header)
    assert [wcs.wcs.ctype[i] for i in range(4)] == ["RA---SIN", "DEC--SIN", "FREQ", "STOKES"]
    assert wcs.wcs.crpix[:2].tolist() == [shape[1] // 2 + 1, shape[0] // 2 + 1]
    assert isinstance(wcs_to_celestial_frame(wcs), FK5)
    row, column = shape[0] // 2, shape[1] // 2
    plane = wcs.celestial
    assert plane.all_pix2world(column, row, 0) == pytest.approx(HEADER["centre"], abs=1e-9)
    assert plane.all_pix2world(column, row + 1, 0)[1] > -30.7  # North up
    assert plane.all_pix2world(column + 1, row, 0)[0] < 202.5  # East left: the right is West
    centre = SkyCoord(*HEADER["centre"], unit="deg")
    neighbour = SkyCoord(*plane.all_pix2world(column - 3, row + 4, 0), unit="deg")
    east, north = (x.to_value(units.arcsec) for x in centre.spherical_offsets_to(neighbour))
    assert (east, north) == pytest.approx((6.0, 8.0), abs=1e-3)
    assert wcs.spectral.all_pix2world(0, 0)[0] == pytest.approx(1.4e9)
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["sky.fits"]


def test_cards(tmp_path):
    write_radio_image(tmp_path / "sky.fits", sky(), "Jy/beam", **HEADER)
    header = fits.getheader(tmp_path / "sky.fits")
    expected = {
        "BUNIT": "Jy/beam",
        "BTYPE": "Intensity",
        "BMAJ": 12.5 / 3600,
        "BMIN": 9.25 / 3600,
        "BPA": -33.0,
        "CDELT1": -2.0 / 3600,
        "CDELT2": 2.0 / 3600,
        "CRVAL3": 1.4e9,
        "CDELT3": 1e7,
        "CUNIT3": "Hz",
        "CRVAL4": 1.0,
        "RADESYS": "FK5",
        "EQUINOX": 2000.0,
        "SPECSYS": "TOPOCENT",
        "OBJECT": "M31",
        "TELESCOP": "MeerKAT",
        "DATE-OBS": "2025-03-01",
        "MJD-OBS": 60735.0,
        "SIMULATD": True,
    }
    for key, value in expected.items():
        assert header[key] == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value), key
    assert {"ORIGIN", "CREATOR", "DATE", "CHECKSUM", "DATASUM"} <= set(header)
    assert list(header["HISTORY"]) == ["seed: radio/test/3", "coverage: ?bersicht"]


def test_what_is_unknown_is_left_out(tmp_path):
    known = HEADER | {"beam": None, "object": "", "telescope": "", "date": "", "simulated": False, "bandwidth_hz": 0.0}
    write_radio_image(tmp_path / "sky.fits", sky(), "", **known)
    header = fits.getheader(tmp_path / "sky.fits")
    assert not {"BMAJ", "BMIN", "BPA", "OBJECT", "TELESCOP", "DATE-OBS", "MJD-OBS", "BUNIT", "BTYPE"} & set(header)
    assert header["SIMULATD"] is False
    assert header["CDELT3"] == 1.0  # an axis of no width has no coordinates


def test_a_set_has_one_file_an_image_and_the_beam_where_it_counts(tmp_path):
    images = {name: (sky() + k, "Jy/beam") for k, name in enumerate(("dirty", "psf", "residual", "image"))}
    images |= {"model": (sky() - 1, "Jy/pixel"), "truth": (sky(), "Jy/pixel")}
    paths = write_radio_set(tmp_path / "m31", images, **HEADER)
    assert [path.name for path in paths] == [f"m31-{suffix}.fits" for suffix in images]
    for path, (image, unit) in zip(paths, images.values(), strict=True):
        assert np.array_equal(fits.getdata(path)[0, 0], image)
        header = fits.getheader(path)
        assert header["BUNIT"] == unit
        assert ("BMAJ" in header) == (unit == "Jy/beam")


def test_masked_pixels_have_no_value(tmp_path):
    values = sky()
    values[2, 3] = np.nan
    image = np.ma.masked_array(values, np.zeros(values.shape, bool))
    with pytest.raises(ValueError, match=r"sky.fits: the image has NaN or inf"):
        write_radio_image(tmp_path / "sky.fits", image, "Jy/beam", **HEADER)
    image[2, 3] = image[0, 0] = np.ma.masked
    (path,) = write_radio_set(tmp_path / "m31", {"image-pb": (image, "Jy/beam")}, **HEADER)
    written = fits.getdata(path)[0, 0]
    assert np.argwhere(np.isnan(written)).tolist() == [[0, 0], [2, 3]]
    assert np.array_equal(written[1], values[1].astype(np.float32))


def test_a_ratio_has_neither_unit_nor_beam(tmp_path):
    write_radio_image(tmp_path / "sky.fits", sky(), "", **HEADER)
    assert not {"BMAJ", "BMIN", "BPA", "BUNIT", "BTYPE"} & set(fits.getheader(tmp_path / "sky.fits"))


BAD = {
    r"the image has NaN or inf": {"image": np.full((4, 4), np.nan)},
    r"the image has shape \(1, 4, 4\)": {"image": np.zeros((1, 4, 4))},
    r"unit is 'K'; expected one of 'Jy/beam'": {"unit": "K"},
    r"cell_arcsec 0, .* expected positive": {"cell_arcsec": 0},
    r"cell_arcsec 2.0, frequency_hz nan": {"frequency_hz": np.nan},
    r"centre is \(10.0, 95.0\)": {"centre": (10.0, 95.0)},
    r"beam is \(1.0, 2.0, 0.0\); expected bmaj >= bmin": {"beam": (1.0, 2.0, 0.0)},
}


@pytest.mark.parametrize("message", BAD)
def test_bad_values_are_refused(tmp_path, message):
    options = {"image": sky(), "unit": "Jy/beam"} | HEADER | BAD[message]
    with pytest.raises(ValueError, match=f"sky.fits: {message}"):
        write_radio_image(tmp_path / "sky.fits", options.pop("image"), options.pop("unit"), **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e39])
def test_a_set_is_written_whole_or_not_at_all(tmp_path, bad):
    with pytest.raises(ValueError, match=r"m31-image.fits: the image has NaN or inf"):
        write_radio_set(tmp_path / "m31", {"dirty": (sky(), "Jy/beam"), "image": (sky() + bad, "Jy/beam")}, **HEADER)
    assert list(tmp_path.iterdir()) == []


def test_history_is_wrapped_at_words_and_any_year_is_a_date(tmp_path):
    line = " ".join(f"word{number}" for number in range(40))
    write_radio_image(
        tmp_path / "sky.fits", sky(), "Jy/beam", **HEADER | {"history": [line, "x" * 100], "date": "1920-02-03"}
    )
    header = fits.getheader(tmp_path / "sky.fits")
    history = list(header["HISTORY"])
    assert " ".join(history[:-2]) == line
    assert history[-2:] == ["x" * 72, "x" * 28]
    assert header["MJD-OBS"] == 22357


def test_images_of_a_set_have_one_shape(tmp_path):
    with pytest.raises(ValueError, match="images have different shapes"):
        write_radio_set(tmp_path / "m31", {"dirty": (sky(), "Jy/beam"), "psf": (sky((12, 18)), "Jy/beam")}, **HEADER)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("declination", [90.0, -90.0, 89.9, 0.0])
def test_pixels_lie_where_their_direction_cosines_point_at_the_poles_too(tmp_path, declination):
    options = HEADER | {"centre": (40.0, declination)}
    write_radio_image(tmp_path / "sky.fits", sky(), "Jy/beam", **options)
    plane = WCS(fits.getheader(tmp_path / "sky.fits")).celestial
    a, d = np.radians(options["centre"])
    east = np.array([-np.sin(a), np.cos(a), 0.0])
    north = np.array([-np.sin(d) * np.cos(a), -np.sin(d) * np.sin(a), np.cos(d)])
    centre = np.array([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)])
    height, width = sky().shape
    for column, row in ((3, 5), (width - 2, 1), (1, height - 1)):
        cell = np.radians(options["cell_arcsec"] / 3600)
        x, y = -cell * (column - width // 2), cell * (row - height // 2)
        expected = x * east + y * north + np.sqrt(1 - x**2 - y**2) * centre
        found = SkyCoord(*plane.all_pix2world(column, row, 0), unit="deg").cartesian.xyz.value
        np.testing.assert_allclose(found, expected, atol=1e-10)
