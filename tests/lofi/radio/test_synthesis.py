"""Earth rotation synthesis: geometry, signs, time and frequency."""

import numpy as np
import pytest
from scipy.constants import speed_of_light

from lofi.radio.coverage import elevation_deg, synthesis

FREQUENCY = speed_of_light  # wavelengths are metres


def direction(latitude, declination, hour_angle):
    """The unit vector towards a source (East, North, up) from its azimuth and elevation; all in rad."""
    sin_el = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    north = np.cos(latitude) * np.sin(declination) - np.sin(latitude) * np.cos(declination) * np.cos(hour_angle)
    return np.array([-np.cos(declination) * np.sin(hour_angle), north, sin_el])


def one_dump(telescope, declination, hour_angle):
    """u, v, w in metres at one moment."""
    return synthesis(telescope, declination, (hour_angle - 0.001, hour_angle + 0.001), 7.2, FREQUENCY)


def test_at_the_zenith_uvw_is_east_north_up(meerkat):
    at_zenith = one_dump(meerkat, meerkat.latitude_deg, 0.0)
    assert np.stack([at_zenith.u, at_zenith.v, at_zenith.w], axis=1) == pytest.approx(meerkat.baselines(), abs=1e-9)


@pytest.mark.parametrize(("declination", "hour_angle"), [(-15.6, 0.0), (10.0, -2.5), (-60.0, 4.0), (-89.0, 7.0)])
def test_w_is_the_delay_and_u_v_its_change_towards_east_and_north(meerkat, declination, hour_angle):
    moment = one_dump(meerkat, declination, hour_angle)
    place = np.deg2rad(meerkat.latitude_deg), np.deg2rad(declination), np.deg2rad(15 * hour_angle)
    step = 1e-5

    def slope(towards_north, towards_east):  # of the delay; a source further East culminates later
        ahead, behind = (
            direction(place[0], place[1] + s * towards_north, place[2] - s * towards_east / np.cos(place[1]))
            for s in (step, -step)
        )
        return meerkat.baselines() @ (ahead - behind) / (2 * step)

    assert moment.w == pytest.approx(meerkat.baselines() @ direction(*place), abs=1e-8)
    assert moment.u == pytest.approx(slope(0, 1), abs=1e-3)
    assert moment.v == pytest.approx(slope(1, 0), abs=1e-3)


def test_lengths_are_kept(meerkat, coverage):
    lengths = np.sqrt(coverage.u**2 + coverage.v**2 + coverage.w**2).reshape(2, -1) * speed_of_light / 1.4e9
    assert lengths == pytest.approx(np.tile(np.linalg.norm(meerkat.baselines(), axis=1), (2, 1)), rel=1e-12)


def test_dumps_are_whole_and_centred_in_the_range(meerkat):
    hour = synthesis(meerkat, -30.0, (-0.5, 0.5), 240, FREQUENCY)
    assert len(hour.u) == 15 * 2016
    middle = one_dump(meerkat, -30.0, 0.0)
    assert hour.u.reshape(15, -1)[7] == pytest.approx(middle.u, abs=1e-8)
    first = one_dump(meerkat, -30.0, -0.5 + 120 / 3600)
    assert hour.v.reshape(15, -1)[0] == pytest.approx(first.v, abs=1e-8)
    assert len(synthesis(meerkat, -30.0, (0, 1), 1000, FREQUENCY).u) == 3 * 2016


def test_channels_scale_the_baselines(meerkat):
    two = synthesis(meerkat, -30.0, (0, 1), 1800, (1e9, 1.5e9))
    low, high = two.u.reshape(2, -1)
    assert len(two.u) == 2 * 2 * 2016
    assert high == pytest.approx(1.5 * low, rel=1e-12)
    assert two.frequencies_hz == (1e9, 1.5e9)


def test_elevation_of_the_zenith_and_of_a_rising_source():
    assert elevation_deg(-30.7, -30.7, 0.0) == pytest.approx(90, abs=1e-5)
    assert elevation_deg(-30.7, 0.0, 6.0) == pytest.approx(0, abs=1e-12)


def test_a_source_too_low_is_refused_with_its_elevation(meerkat):
    with pytest.raises(ValueError, match=r"declination_deg 45.*14\.3 degrees.*expected at least 15"):
        synthesis(meerkat, 45.0, (-0.01, 0.01), 60, FREQUENCY)
    with pytest.raises(ValueError, match=r"at -15\.0 degrees elevation"):
        synthesis(meerkat, 0.0, (0, 7.17), 60, FREQUENCY, min_elevation_deg=0)
    assert synthesis(meerkat, 45.0, (-0.01, 0.01), 60, FREQUENCY, min_elevation_deg=10).u.size


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hour_angles": (1, -1)}, "hour_angles are 1 to -1"),
        ({"hour_angles": (-1, np.nan)}, "hour_angles are -1 to nan"),
        ({"dump_seconds": 0}, "dump_seconds is 0"),
        ({"dump_seconds": 8000}, "at most 7200"),
        ({"frequencies_hz": -1.4e9}, "frequencies_hz are -1"),
        ({"frequencies_hz": []}, "frequencies_hz are"),
        ({"declination_deg": np.nan}, "declination_deg is nan"),
    ],
)
def test_nonsense_is_refused(meerkat, change, message):
    good = {"declination_deg": -30.0, "hour_angles": (-1, 1), "dump_seconds": 60, "frequencies_hz": 1.4e9}
    with pytest.raises(ValueError, match=message):
        synthesis(meerkat, **good | change)
