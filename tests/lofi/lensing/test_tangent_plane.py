"""The tangent plane: axes, centre, extent, rotation of the meridian."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from lofi.lensing import tangent_plane
from lofi.seeds import stream


def patch(ra, dec, degrees=1.0, count=500):
    """Positions in a square of the tangent plane about (ra, dec)."""
    wcs = tangent_plane.tangent_wcs((ra, dec), 1.0, (int(60 * degrees),) * 2)
    x, y = stream("tangent", "patch").uniform(-0.5, 60 * degrees - 0.5, (2, count))
    return wcs.all_pix2world(x, y, 0)


def test_axes_and_centre():
    wcs = tangent_plane.tangent_wcs((150.0, 2.0), 2.0, (10, 13))
    assert list(wcs.wcs.crpix) == [7.0, 5.5]
    assert wcs.wcs.cd[0, 0] < 0 < wcs.wcs.cd[1, 1]
    assert wcs.all_pix2world(6.0, 4.5, 0) == pytest.approx([150.0, 2.0])
    east, north = wcs.all_world2pix(150.1, 2.0, 0), wcs.all_world2pix(150.0, 2.1, 0)
    assert east[0] == pytest.approx(6.0 - 3.0, abs=0.01)
    assert north[1] == pytest.approx(4.5 + 3.0, abs=0.01)


def test_header_round_trip():
    wcs = tangent_plane.tangent_wcs((359.9, -80.0), 1.5, (20, 30))
    header = tangent_plane.wcs_header(wcs)
    assert header["CD1_1"] == pytest.approx(-0.025)
    assert not [card for card in header if card.startswith(("PC", "CDELT"))]
    again = WCS(fits.Header.fromstring(header.tostring()))
    here, there = (np.array(plane.all_pix2world(3.0, 4.0, 0)) for plane in (wcs, again))
    assert there == pytest.approx(here, abs=1e-10)


@pytest.mark.parametrize(
    ("ra", "dec"), [(150.0, 2.0), (0.0, 0.0), (359.99, -45.0), (10.0, 80.0), (0.2, 89.9), (0.0, -90.0)]
)
def test_field_is_found_around_the_positions(ra, dec):
    points = patch(ra, dec)
    wcs, shape = tangent_plane.field_wcs(*points, 1.0)
    centre, wanted = tangent_plane.unit_vectors(*wcs.wcs.crval), tangent_plane.unit_vectors(ra, dec)
    assert np.degrees(np.arccos(min(centre @ wanted, 1.0))) < 1.5 / 60
    x, y = wcs.all_world2pix(*points, 0)
    assert x.min() >= -0.5
    assert y.min() >= -0.5
    assert x.max() <= shape[1] - 0.5
    assert y.max() <= shape[0] - 0.5
    if abs(dec) < 85:  # at the poles the middle of the extent turns the axes
        assert max(shape) <= 62


def test_negative_right_ascension_is_the_same_place():
    ra, dec = patch(0.0, 10.0)
    shifted = np.where(ra > 180, ra - 360, ra)
    first, second = (tangent_plane.field_wcs(values, dec, 1.0)[0].wcs.crval for values in (ra, shifted))
    assert first == pytest.approx(second)


def test_centre_and_shape_may_be_given():
    ra, dec = patch(150.0, 2.0)
    wcs, shape = tangent_plane.field_wcs(ra, dec, 1.0, centre=(150.1, 2.1), shape=(12, 14))
    assert shape == (12, 14)
    assert list(wcs.wcs.crval) == [150.1, 2.1]
    wcs, shape = tangent_plane.field_wcs(ra, dec, 1.0, centre=(150.25, 2.0))
    assert shape[1] == pytest.approx(90, abs=2)
    wcs, shape = tangent_plane.field_wcs(ra, dec, 1.0, shape=(10, 10))
    assert wcs.wcs.crval == pytest.approx([150.0, 2.0], abs=0.02)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pixel_arcmin": 0.0}, "pixel_arcmin is 0.0"),
        ({"pixel_arcmin": float("nan")}, "pixel_arcmin is nan"),
        ({"pixel_arcmin": 60.0}, "would fill .* pixels; expected 4 to 8192"),
        ({"pixel_arcmin": 0.001}, "would fill .* pixels; expected 4 to 8192"),
        ({"pixel_arcmin": 1.0, "centre": (400.0, 0.0)}, "centre of the field is ra 400"),
        (
            {"pixel_arcmin": 1.0, "centre": (150.0, 2.0), "shape": (2000, 10)},
            "spans 33.3°, too large for a tangent plane",
        ),
    ],
)
def test_wrong_fields(options, message):
    with pytest.raises(ValueError, match=message):
        tangent_plane.field_wcs(*patch(150.0, 2.0), **options)


def test_a_wide_catalogue_needs_a_field():
    ra, dec = np.array([100.0, 125.0, 112.0]), np.array([0.0, 0.0, 5.0])
    with pytest.raises(ValueError, match="too far for one tangent plane of 20°; give the centre and the shape"):
        tangent_plane.field_wcs(ra, dec, 5.0)
    with pytest.raises(ValueError, match="spread over the whole sky"):
        tangent_plane.field_wcs(np.array([0.0, 180.0]), np.array([0.0, 0.0]), 5.0)
    assert tangent_plane.field_wcs(ra, dec, 5.0, centre=(112, 5), shape=(30, 30))[1] == (30, 30)


@pytest.mark.parametrize("dec", [0.0, 45.0, 80.0, -80.0, 89.5])
def test_meridian_points_at_the_projected_pole(dec):
    # In a gnomonic projection meridians are straight lines through the pole, which lies at (0, cot(dec)).
    wcs = tangent_plane.tangent_wcs((30.0, dec), 1.0, (120, 120))
    x, y = stream("tangent", "angles").uniform(0, 119, (2, 200))
    ra, declination = wcs.all_pix2world(x, y, 0)
    angle = tangent_plane.meridian_angle(wcs, ra, declination)
    if dec == 0:
        expected = np.zeros(200)
    else:
        pole = np.degrees(1 / np.tan(np.radians(dec))) * 60.0
        towards = np.sign(dec) * np.array([59.5 - x, 59.5 + pole - y])
        expected = np.arctan2(-towards[0], towards[1])
    assert np.angle(np.exp(1j * (angle - expected))) == pytest.approx(0.0, abs=1e-6)
    if dec == 80:
        assert np.abs(angle).max() > 0.05
