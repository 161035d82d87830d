"""Visibilities in npz files: round trip, units, signs, and errors that name the key."""

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.constants import speed_of_light

from lofi.radio.visibilities.npz import read_npz, write_npz
from lofi.radio.visibilities.read import read_visibilities
from lofi.radio.visibilities.visibilities import Visibilities
from lofi.seeds import stream


def simulated(m=40):
    rng = stream("visibilities", "npz")
    u, v, w = rng.normal(0, 1e4, (3, m))
    return Visibilities(
        u,
        v,
        w,
        values=rng.standard_normal(m) + 1j * rng.standard_normal(m),
        sigma=rng.uniform(0.1, 2, m),
        frequency=rng.uniform(1e9, 2e9, m),
        width=np.full(m, 1e6),
        time=np.sort(rng.uniform(0, 3600, m)),
        antenna1=rng.integers(0, 5, m),
        antenna2=rng.integers(5, 9, m),
        channel=rng.integers(0, 3, m),
        centre=(202.5, -30.7),
        object="M31",
        telescope="MeerKAT",
        date="2025-03-01",
        simulated=True,
    )


def metres(rows=6, channels=3, **changes):
    rng = stream("visibilities", "metres")
    shape = (rows, channels)
    data = {
        "u": rng.normal(0, 500, rows),
        "v": rng.normal(0, 500, rows),
        "w": rng.normal(0, 50, rows),
        "units": "m",
        "frequencies": 1e9 + 1e7 * np.arange(channels),
        "visibilities": rng.standard_normal(shape) + 1j * rng.standard_normal(shape),
        "weights": rng.uniform(1, 4, shape),
    }
    return {key: value for key, value in (data | changes).items() if value is not None}


def saved(path, data):
    np.savez(path, **data)
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data.npz"


def test_round_trip(path):
    written = simulated()
    write_npz(path, written)
    again = read_visibilities(path)
    for field in fields(Visibilities):
        before, after = getattr(written, field.name), getattr(again, field.name)
        if field.name == "sigma":
            np.testing.assert_allclose(after, before, rtol=1e-14)
        elif field.name == "width":  # what is left of the band's
            np.testing.assert_allclose(after, before, rtol=1e-9)
        elif isinstance(before, np.ndarray):
            assert np.array_equal(after, before), field.name
        else:
            assert after == before, field.name


def test_round_trip_of_what_is_not_known(path):
    unknown = {"width": None, "time": None, "antenna1": None, "antenna2": None, "channel": None, "centre": None}
    written = replace(simulated(), **unknown, object="", telescope="", date="", simulated=False)
    write_npz(path, written)
    again = read_npz(path)
    assert again.time is again.antenna1 is again.antenna2 is again.centre is None
    assert (again.object, again.telescope, again.date, again.simulated) == ("", "", "", False)


def test_a_name_without_suffix_is_kept(tmp_path):
    write_npz(tmp_path / ".data.npz.tmp", simulated())
    assert [file.name for file in tmp_path.iterdir()] == [".data.npz.tmp"]


def test_metres_become_wavelengths_of_each_channel(path):
    data = metres()
    read = read_npz(saved(path, data))
    assert len(read) == 18
    for i in range(6):
        for c in range(3):
            k = 3 * i + c
            assert read.u[k] == pytest.approx(data["u"][i] * data["frequencies"][c] / speed_of_light, rel=1e-14)
            assert read.values[k] == data["visibilities"][i, c]
            assert read.sigma[k] ** -2 == pytest.approx(data["weights"][i, c])
            assert (read.frequency[k], read.channel[k]) == (data["frequencies"][c], c)
    assert read.bandwidth == pytest.approx(3e7)
    assert read.centre_frequency == pytest.approx(1.01e9)


def test_the_bandwidth_is_that_of_channels_with_good_samples(path):
    flags = np.zeros((6, 3), bool)
    flags[:, 0] = flags[2:, 1] = True
    assert read_npz(saved(path, metres(flags=flags))).bandwidth == pytest.approx(2e7)
    wide = read_npz(saved(path, metres(flags=flags, bandwidth=2.4e7)))
    assert wide.edges == pytest.approx((1.008e9, 1.022e9))  # channels of 4 MHz, 10 MHz apart
    assert read_npz(saved(path, metres(6, 1))).bandwidth == 0  # of one channel it is not known


def test_weights_and_flags_of_rows_or_of_samples(path):
    by_row = read_npz(saved(path, metres(weights=np.arange(6.0), flags=np.arange(6) == 5)))
    assert len(by_row) == 4 * 3
    assert np.array_equal(np.unique(by_row.sigma**-2).round(9), [1, 2, 3, 4])
    assert by_row.notes == ("6 of 18 visibilities are flagged or have no positive weight, and are left out.",)
    flags = np.zeros((6, 3), bool)
    flags[2, 1] = True
    values = metres()["visibilities"]
    values[2, 1] = np.nan
    assert len(read_npz(saved(path, metres(flags=flags, visibilities=values)))) == 17


def test_the_opposite_sign_of_the_exponent_turns_baselines(path):
    ours, measurement_set = (read_npz(saved(path, metres(sign=sign))) for sign in (-1, 1))
    for axis in "uvw":
        assert np.array_equal(getattr(ours, axis), -getattr(measurement_set, axis))
    assert np.array_equal(ours.values, measurement_set.values)


def test_autocorrelations_and_missing_w_are_noted(path):
    numbers = {"antenna1": np.zeros(6, int), "antenna2": np.arange(6)}
    read = read_npz(saved(path, metres(w=None, **numbers)))
    assert len(read) == 15
    assert not read.w.any()
    assert read.notes == (
        "No w is given: it is taken as 0, so the w-term cannot be checked.",
        "3 autocorrelations are left out.",
    )


BAD = {
    "lacks weights; expected the keys": {"weights": None},
    "unknown keys flag; known are": {"flag": np.zeros(6)},
    "units is km; expected 'm' or 'wavelengths'": {"units": "km"},
    "sign is 0; expected -1 or 1": {"sign": 0},
    r"visibilities has shape \(6, 3\); expected \(6,\), units being wavelengths": {"units": "wavelengths"},
    r"visibilities has shape \(6, 2\); expected \(6, 3\)": {"visibilities": np.zeros((6, 2), complex)},
    r"v has shape \(5,\); expected \(6,\)": {"v": np.zeros(5)},
    r"weights has shape \(3,\); expected \(6, 3\) or \(6,\)": {"weights": np.ones(3)},
    "visibilities is of type float64; expected complex": {"visibilities": np.zeros((6, 3))},
    "u is of type <U1; expected real numbers": {"u": np.array(list("abcdef"))},
    "frequencies must be finite and positive": {"frequencies": np.array([1e9, 0, 1e9])},
    "only one of ra and dec": {"ra": 10.0},
    r"object has shape \(2,\); expected one value": {"object": np.array(["a", "b"])},
    "channel is given beside 3 frequencies": {"channel": np.arange(6)},
    "no positive weight": {"weights": np.zeros((6, 3))},
    "no good visibility: all 18 are flagged": {"flags": np.ones(6, bool)},
    "18 unflagged samples have NaN or inf in values": {"visibilities": np.full((6, 3), np.nan + 0j)},
    "3 unflagged samples have NaN or inf in u": {"u": np.array([np.nan, 1, 1, 1, 1, 1])},
    "NaN or inf in weights": {"weights": np.full((6, 3), np.inf)},
    "all that are not flagged are autocorrelations": {"antenna1": np.ones(6, int), "antenna2": np.ones(6, int)},
    "data.npz: visibilities: phase centre .* expected degrees": {"ra": 10.0, "dec": 100.0},
    "data.npz: visibilities: date is '1 May'; expected YYYY-MM-DD": {"date": "1 May"},
    "data.npz: visibilities: date is '02/03/20'": {"date": "02/03/20"},
    "data.npz: ra is '5h'; expected a number, in degrees": {"ra": "5h", "dec": 20.0},
    "data.npz: sign is '-'; expected a number": {"sign": "-"},
    "bandwidth is nan; expected Hz": {"bandwidth": np.nan},
    r"bandwidth is 1e\+07; expected Hz, 2e\+07 or more": {"bandwidth": 1e7},
    "no visibilities: u is empty": {
        "u": np.zeros(0),
        "v": np.zeros(0),
        "w": None,
        "visibilities": np.zeros((0, 3), complex),
        "weights": np.zeros((0, 3)),
    },
    "no visibilities: frequencies is empty": {"frequencies": np.zeros(0)},
}


@pytest.mark.parametrize("message", BAD)
def test_bad_files_are_explained(path, message):
    with pytest.raises(ValueError, match=message):
        read_npz(saved(path, metres(**BAD[message])))


def test_pickles_and_broken_files_are_refused(path):
    np.savez(path, **metres(), allow_pickle=True, notes=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match=r"data.npz cannot be read as npz: Object arrays"):
        read_npz(path)
    np.save(path.with_suffix(".npy"), np.zeros(3))
    path.with_suffix(".npy").replace(path)
    with pytest.raises(ValueError, match=r"data.npz cannot be read as npz"):
        read_npz(path)
    raw = saved(path, metres()).read_bytes()
    for kept in (0, 3, len(raw) // 2):
        path.write_bytes(raw[:kept])
        with pytest.raises(ValueError, match=r"data.npz cannot be read as npz"):
            read_npz(path)
    path.write_text("u v w\n1 2 3\n")
    with pytest.raises(ValueError, match=r"data.npz cannot be read as npz: it is no whole npz file"):
        read_npz(path)


def test_formats_are_named(tmp_path):
    (tmp_path / "data.ms").mkdir()
    with pytest.raises(ValueError, match=r"data.ms is a folder without table.dat, so no Measurement Set"):
        read_visibilities(tmp_path / "data.ms")
    (tmp_path / "data.txt").touch()
    with pytest.raises(ValueError, match=r"data.txt: unknown format .* \.npz, \.uvfits"):
        read_visibilities(tmp_path / "data.txt")
    with pytest.raises(ValueError, match=r"none.npz does not exist"):
        read_visibilities(tmp_path / "none.npz")
