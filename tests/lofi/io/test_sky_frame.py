"""Celestial frames of headers, against astropy's own reading of the same cards and against published positions."""

import warnings

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import ICRS, SkyCoord
from astropy.wcs import WCS
from astropy.wcs.utils import wcs_to_celestial_frame

from lofi.io.sky_frame import name, stated_frame, transform

CARDS = [
    {"RADESYS": "FK4", "EQUINOX": 1950.0},
    {"EQUINOX": 1950.0},
    {"EPOCH": 1950.0},
    {"EQUINOX": 2000.0},
    {"RADESYS": "FK5"},
    {"RADESYS": "FK5", "EQUINOX": 1975.0},
    {"RADESYS": "ICRS"},
    {"RADECSYS": "FK4-NO-E", "EQUINOX": 1950.0},
]


@pytest.mark.parametrize("cards", CARDS, ids=lambda cards: " ".join(map(str, cards.values())))
def test_cards_mean_what_astropy_reads_in_a_wcs(cards):
    header = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 1.0, "CRVAL2": 2.0, "NAXIS": 2} | cards
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = wcs_to_celestial_frame(WCS(header))
    assert stated_frame("a.fits", cards).is_equivalent_frame(expected)


@pytest.mark.parametrize("cards", [{}, {"EPOCH": 0.0}, {"EQUINOX": ""}, {"EQUINOX": 0.0}])
def test_silence_is_no_frame(cards):
    assert stated_frame("a.fits", cards) is None


@pytest.mark.parametrize("cards", [{"RADESYS": "GAPPT"}, {"EQUINOX": 50.0}, {"EQUINOX": "late"}])
def test_other_frames_are_refused_by_name(cards):
    (key,) = cards
    with pytest.raises(ValueError, match=f"'a.fits' has {key}"):
        stated_frame("a.fits", cards)


def test_a_source_of_1950_is_where_it_is_known_to_be():
    frame = stated_frame("3c286.uvfits", {"EPOCH": 1950.0})
    ra, dec, _ = transform(202.206904, 30.766289, frame, ICRS())  # 3C 286: B1950 13h28m49.657s +30d45m58.64s
    known = SkyCoord("13h31m08.288s", "+30d30m32.96s")
    assert known.separation(SkyCoord(ra, dec, unit="deg")).arcsec < 1.0
    assert name(frame) == "FK4 B1950"


@pytest.mark.parametrize("latitude", [-89.0, -20.0, 45.0, 89.5])
def test_north_turns_as_a_short_arc_does(latitude):
    frame = stated_frame("a.fits", {"EPOCH": 1950.0})
    longitude = np.array([10.0, 200.0])
    ra, dec, angle = transform(longitude, np.full(2, latitude), frame, ICRS())
    start = SkyCoord(longitude, np.full(2, latitude), unit="deg", frame=frame)
    # A point at position angle 0.3 of the old frame lies at 0.3 + angle of the new one.
    moved = start.directional_offset_by(0.3 * units.rad, 10 * units.arcsec).transform_to(ICRS())
    found = SkyCoord(ra, dec, unit="deg").position_angle(moved).rad
    np.testing.assert_allclose(np.exp(1j * found), np.exp(1j * (0.3 + angle)), atol=2e-4)


def test_the_epoch_of_proper_motions_is_no_equinox():
    with pytest.warns(UserWarning, match="EPOCH 2016; it is taken for the date of the positions"):
        assert stated_frame("gaia.fits", {"EPOCH": 2016.0}) is None
    assert stated_frame("gaia.fits", {"EPOCH": 58849, "RADESYS": "ICRS", "EQUINOX": 0.0}).name == "icrs"
    assert stated_frame("gaia.fits", {"EPOCH": 2016.0, "RADESYS": "ICRS", "EQUINOX": 2000.0}).name == "icrs"
