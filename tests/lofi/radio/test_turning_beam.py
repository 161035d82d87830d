"""MeerKAT's beam, which is not round, turns on the sky: fluxes of tracks simulated with katbeam and astropy alone."""

import katbeam
import numpy as np
import pytest
from astropy.coordinates import AltAz, EarthLocation, SkyCoord
from astropy.time import Time

from lofi.radio.beam_correction import correction
from lofi.radio.beam_weights import beam_weights
from lofi.radio.coverage import ARCSEC, synthesis
from lofi.radio.imaging_options import ImagingOptions
from lofi.radio.parallactic_angle import parallactic_angle
from lofi.radio.radio_field import read_field
from lofi.radio.telescopes.telescope import telescope
from lofi.radio.visibilities.data_set import gather
from lofi.radio.visibilities.npz import read_npz, write_npz
from lofi.radio.visibilities.visibilities import Visibilities, joined

SITE = EarthLocation(lat=-30.713, lon=21.443, height=1086.6)  # degrees, metres
TRANSIT = Time("2021-06-11T22:15:00").mjd  # of right ascension 255 degrees, within a minute
CENTRE = (255.0, -45.0)
MINUTE = 1 / 1440


def vertical(mjd, centre=CENTRE):
    """Position angle of the zenith and elevation, degrees, with all that astropy knows of the Earth."""
    frame = AltAz(obstime=Time(mjd, format="mjd"), location=SITE)
    source = SkyCoord(*centre, unit="deg")
    zenith = SkyCoord(alt=np.full(len(mjd), 90.0), az=np.zeros(len(mjd)), unit="deg", frame=frame).transform_to("icrs")
    return source.position_angle(zenith).wrap_at("180d").deg, source.transform_to(frame).alt.deg


@pytest.mark.parametrize("centre", [CENTRE, (255.0, 10.0)])
def test_angles_are_those_of_astropy(centre):
    mjd = TRANSIT + np.arange(-180, 181, 90) * MINUTE
    found = parallactic_angle(mjd, centre, (SITE.lon.deg, SITE.lat.deg))
    np.testing.assert_allclose(found, vertical(mjd, centre), atol=0.1)


def track(hours, position_angle, frequency, sigma=None, offset=1.0, **header):
    """A source of 2 Jy near half power, seen from `hours` to `hours` of hour angle by short baselines of MeerKAT.

    Returns visibilities, its row and column in 160² pixels of 30″, and the mean of the power.
    """
    minutes = 5 if hours[1] - hours[0] < 2 else 30
    seen = synthesis(telescope("meerkat"), CENTRE[1], hours, 60 * minutes, frequency)
    count = round((hours[1] - hours[0]) * 60 / minutes)
    angle, mjd = np.meshgrid(
        frequency, TRANSIT + (hours[0] + np.arange(0.5, count) * minutes / 60) * 0.99727 / 24, indexing="ij"
    )
    hertz, mjd = (np.repeat(x.ravel(), len(seen.u) // x.size) for x in (angle, mjd))
    short = np.hypot(seen.u, seen.v) < 3000
    u, v, hertz, mjd = seen.u[short], seen.v[short], hertz[short], mjd[short]
    half = offset * 64 * 1.2e9 / np.mean(frequency)
    row, column = np.rint(80 + half * np.array([np.cos(x := np.radians(position_angle)), -np.sin(x)])).astype(int)
    east, north = -30 * ARCSEC * (column - 80), 30 * ARCSEC * (row - 80)
    times, moment = np.unique(mjd, return_inverse=True)
    turn = np.radians(position_angle_of(east, north) - vertical(times)[0])[moment]
    model, degrees = katbeam.JimBeam("MKAT-AA-L-JIM-2020"), np.degrees(np.hypot(east, north))
    power = np.empty(len(u))
    for f in np.unique(hertz):
        of = hertz == f
        power[of] = model.I(-degrees * np.sin(turn[of]), degrees * np.cos(turn[of]), f / 1e6)
    sigma = np.full(len(u), 0.01) if sigma is None else sigma(mjd, hertz)
    header = {"centre": CENTRE, "telescope": "MeerKAT", "time": 86400 * (mjd - 59000), "time_zero": 59000.0} | header
    values = 2 * power * np.exp(-2j * np.pi * (u * east + v * north))
    samples = Visibilities(u, v, np.zeros(len(u)), values, sigma, hertz, **header)
    return samples, row, column, np.average(power, weights=sigma**-2.0)


def position_angle_of(east, north):
    return np.degrees(np.arctan2(east, north))


def flux(path, samples, row, column, weighting="natural", **options):
    write_npz(path, samples)
    field = read_field([path], ImagingOptions(pixels=160, cell_arcsec=30, weighting=weighting, **options))
    images = field.correction.images(field.imaged.dirty[0], field.imaged.noise[0])
    return images["image-pb"][0][row, column], field


@pytest.mark.parametrize("position_angle", [0, 60, 130, 290])
@pytest.mark.parametrize("hours", [(-0.5, 0.5), (2.5, 3.5), (-4, 4)])
def test_flux_at_half_power(tmp_path, hours, position_angle):
    samples, row, column, power = track(hours, position_angle, [1.35e9, 1.45e9])
    assert 0.4 < power < 0.62
    found, field = flux(tmp_path / "track.npz", samples, row, column)
    assert found == pytest.approx(2.0, rel=0.004)
    assert any("mean over parallactic angles of" in note for note in field.notes)


def test_the_mean_over_all_angles_is_wrong_where_the_beam_stands_still(tmp_path):
    """The tests above can fail: without the date of the times the same flux is off."""
    samples, row, column, _ = track((-0.5, 0.5), 0, [1.35e9, 1.45e9], time_zero=None)
    found, field = flux(tmp_path / "track.npz", samples, row, column)
    assert abs(found / 2 - 1) > 0.015
    assert any("because the data do not tell the date and time (UTC) of the samples" in note for note in field.notes)


def test_angles_and_frequencies_count_by_the_weights_of_the_data(tmp_path):
    """The low band late, the high band early: the mean of each is over angles of its own."""

    def sigma(mjd, hertz):
        return np.where((mjd > TRANSIT) == (hertz < 1.2e9), 0.01, 0.1)

    samples, row, column, _ = track((-3, 3), 30, [1.0e9, 1.4e9], sigma)
    assert flux(tmp_path / "track.npz", samples, row, column, spectrum="flat")[0] == pytest.approx(2.0, rel=0.004)


def test_briggs_weights_change_the_mean_little(tmp_path):
    samples, row, column, _ = track((-4, 4), 60, [1.35e9, 1.45e9])
    assert flux(tmp_path / "track.npz", samples, row, column, "briggs")[0] == pytest.approx(2.0, rel=0.01)


def test_a_source_below_the_horizon_is_no_track():
    samples, *_ = track((-0.5, 0.5), 0, [1.4e9])
    weights = beam_weights(Visibilities(**vars(samples) | {"time_zero": 59000.5}), CENTRE, (21.443, -30.713))
    assert weights.angles.endswith("because the source is below the horizon at the times in the data")
    assert np.ptp(weights.weights) == 0


class Source(list):
    notes = ()


def test_a_round_beam_does_not_ask_for_times():
    samples, *_ = track((-0.5, 0.5), 0, [1.4e9], time_zero=None, telescope="VLA")
    found, notes = correction(25.0, gather("x", [Source([samples])], 10**7), (64, 64), 60 * ARCSEC)
    assert notes == []
    assert "angles" not in found.note


def test_times_of_files_with_other_zero_points_are_joined(tmp_path):
    samples, *_ = track((-0.5, 0.5), 0, [1.4e9])
    later = Visibilities(**vars(samples) | {"time_zero": samples.time_zero - 2, "time": samples.time + 2 * 86400})
    both = joined("", [samples, later])
    assert both.time_zero == samples.time_zero
    np.testing.assert_allclose(both.time, np.tile(samples.time, 2))
    undated = Visibilities(**vars(samples) | {"time_zero": None})
    assert joined("", [samples, undated]).time_zero is None
    write_npz(tmp_path / "dated.npz", samples)
    assert read_npz(tmp_path / "dated.npz").time_zero == samples.time_zero
