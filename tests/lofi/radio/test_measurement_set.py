"""Measurement Sets: the samples of a known source, whatever the windows, correlations and weights; refusals."""

import subprocess
import sys

import numpy as np
import pytest
from measurement_set import ANTENNAS, EAST, FLUX, NORTH, START, write

from lofi.radio.visibilities.ms_selection import Selection
from lofi.radio.visibilities.npz import write_npz
from lofi.radio.visibilities.read import read_together, read_visibilities

tables = pytest.importorskip("casacore.tables", reason="python-casacore is not installed")
PAIRS = len(ANTENNAS) * (len(ANTENNAS) - 1) // 2
WINDOWS = ((1.4e9, 3), (1.5e9, 5))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "obs.ms"


def read(path, **selection):
    return read_visibilities(path, Selection(**selection))


def change(path, column, values, rows=slice(None), table=""):
    """Overwrite cells of a column."""
    with tables.table(f"{path}/{table}", readonly=False, ack=False) as opened:
        whole = opened.getcol(column)
        whole[rows] = values
        opened.putcol(column, whole)


def expected(visibilities, factor=1):
    phase = visibilities.u * EAST + visibilities.v * NORTH
    phase += visibilities.w * (np.sqrt(1 - EAST**2 - NORTH**2) - 1)
    return factor * FLUX * np.exp(-2j * np.pi * phase)


@pytest.mark.parametrize("correlations", ["linear", "circular", "I", "one hand"])
@pytest.mark.parametrize("noise", ["WEIGHT_SPECTRUM", "WEIGHT", "SIGMA_SPECTRUM", "SIGMA"])
def test_a_known_source_with_its_noise(path, correlations, noise):
    write(path, windows=WINDOWS, correlations=correlations, noise=noise, sigma=0.5).close()
    visibilities = read(path)
    assert len(visibilities) == 4 * PAIRS * 8
    np.testing.assert_allclose(visibilities.values, expected(visibilities), atol=1e-6)
    hands = 2 if correlations in ("linear", "circular") else 1
    np.testing.assert_allclose(visibilities.sigma, 0.5 / np.sqrt(hands), rtol=1e-6)
    assert set(visibilities.frequency) == {1.4e9, 1.402e9, 1.404e9, 1.5e9, 1.502e9, 1.504e9, 1.506e9, 1.508e9}
    assert visibilities.bandwidth == pytest.approx(1.1e8)
    assert visibilities.centre == pytest.approx((202.5, -30.7))
    assert (visibilities.object, visibilities.telescope, visibilities.date) == ("3C286", "MeerKAT", "2017-04-27")
    assert f"noise of {noise}" in visibilities.notes[1]


def test_the_first_column_of_weights_that_is_set_counts(path):
    write(path, noise="WEIGHT_SPECTRUM", sigma=0.5).close()
    for column, values, noise in (
        (None, None, 0.5),
        ("WEIGHT_SPECTRUM", 0.0, 0.2),  # 0 and 1 are never set
        ("WEIGHT", 1.0, 0.1),
    ):
        if column is None:
            change(path, "WEIGHT", 25.0)
            change(path, "SIGMA", 0.1)
        else:
            change(path, column, values)
        np.testing.assert_allclose(read(path).sigma, noise / np.sqrt(2), rtol=1e-6)
    change(path, "SIGMA", 1.0)
    with pytest.raises(ValueError, match=r"obs.ms: the weights of spectral window 0 L0 are all 0 or 1.* statwt"):
        read(path)


def test_flags_of_samples_rows_and_hands(path):
    write(path).close()
    whole = read(path)
    flags = np.zeros((4 * (PAIRS + len(ANTENNAS)), 3, 4), bool)
    flags[1] = True  # the row of antennas 0 and 1, first time
    flags[2, 1, 0] = True  # one hand
    change(path, "FLAG", flags)
    change(path, "FLAG_ROW", True, rows=3)
    change(path, "DATA", np.nan, rows=1)
    read_back = read(path)
    assert len(read_back) == len(whole) - 6
    np.testing.assert_allclose(read_back.values, expected(read_back), atol=1e-6)
    single = np.isclose(read_back.sigma, 0.5, rtol=1e-6)
    assert single.sum() == 1
    notes = " ".join(read_back.notes)
    assert "1 visibilities have only one of XX and YY" in notes
    assert "6 of 180 visibilities are flagged" in notes


def test_a_selection(path):
    write(path, windows=WINDOWS, fields=("3C286", "NGC 1275")).close()
    with pytest.raises(ValueError, match=r"obs.ms holds the fields 0 3C286, 1 NGC 1275; choose one with --field"):
        read(path)
    for field in ("1", "NGC 1275"):
        second = read(path, field=field)
        np.testing.assert_allclose(second.values, expected(second, 2), atol=1e-6)
    assert set(read(path, field="0", spw="L1", channels="1~2").frequency) == {1.502e9, 1.504e9}
    assert set(read(path, field="0", spw="0, 1", channels="2~2").frequency) == {1.404e9, 1.504e9}
    assert set(read(path, field="0", scan="2").time) == {START + 20, START + 30}
    assert read(path, field="0").time_zero == 0
    for interval in ("2017-04-27T08:53:25~2017-04-27T08:53:35", "2017/04/27/08:53:25~2017/04/27/08:53:35"):
        assert set(read(path, field="0", time=interval).time) == {START + 10}


def test_the_calibrated_column_is_preferred(path):
    main = write(path)
    main.addcols(tables.maketabdesc([tables.makearrcoldesc("CORRECTED_DATA", 0j, ndim=2, valuetype="complex")]))
    main.putcol("CORRECTED_DATA", (2 * main.getcol("DATA")).astype(np.complex64))
    main.close()
    calibrated, raw = read(path), read(path, datacolumn="DATA")
    np.testing.assert_allclose(calibrated.values, 2 * raw.values, rtol=1e-6)
    assert "column CORRECTED_DATA" in calibrated.notes[0]


def test_the_same_observation_as_npz(path, tmp_path):
    write(path, windows=WINDOWS).close()
    visibilities = read(path)
    write_npz(tmp_path / "obs.npz", visibilities)
    again = read_visibilities(tmp_path / "obs.npz")
    for name in ("u", "v", "w", "values", "sigma", "frequency", "channel"):
        np.testing.assert_allclose(getattr(again, name), getattr(visibilities, name), rtol=1e-12)


@pytest.mark.parametrize(
    ("selection", "sentence"),
    [
        ({"field": "2"}, r"--field 2 is no field; it has 0 3C286"),
        ({"field": "M31"}, r"--field M31 is no field; it has 0 3C286"),
        ({"spw": "L7"}, r"--spw L7 is no spectral window; it has 0 L0"),
        ({"channels": "1~3"}, r"--channels 1~3 goes beyond spectral window 0 L0 of 3 channels"),
        ({"datacolumn": "MODEL_DATA"}, r"has no column MODEL_DATA; it has DATA; choose one with --datacolumn"),
        ({"datacolumn": "UVW"}, r"UVW holds double; expected complex visibilities"),
        ({"scan": "4"}, r"has no scan 4; it has 1, 2"),
        ({"time": "2020-01-01T00:00:00~2020-01-02T00:00:00"}, r"has no rows in --time .*; it covers 2017-04-27T"),
    ],
)
def test_what_the_set_does_not_hold_is_named(path, selection, sentence):
    write(path).close()
    with pytest.raises(ValueError, match=r"obs.ms.*" + sentence):
        read(path, **selection)


@pytest.mark.parametrize(
    "selection", [{"channels": "3"}, {"channels": "5~2"}, {"time": "noon~night"}, {"time": "2020"}]
)
def test_selections_that_say_nothing(selection):
    (name,) = selection
    with pytest.raises(ValueError, match=f"{name} is"):
        Selection(**selection)


@pytest.mark.parametrize(
    ("column", "values", "sentence"),
    [
        ("FLAG", True, r"has no good visibility"),
        ("ANTENNA2", 9, r"rows name antenna 9, the table ANTENNA has 6"),
        ("ANTENNA2", -1, r"rows name antenna -1, the table ANTENNA has 6"),
        ("ANTENNA2", 0, r"the selected rows are autocorrelations"),
        ("FIELD_ID", -1, r"rows name the field -1, the table FIELD has 1"),
        ("DATA_DESC_ID", -1, r"rows name DATA_DESC_ID -1, the table DATA_DESCRIPTION has 1"),
        ("FIELD_ID", 3, r"rows name the field 3, the table FIELD has 1"),
        ("DATA_DESC_ID", 2, r"rows name DATA_DESC_ID 2, the table DATA_DESCRIPTION has 1"),
        ("DATA", np.nan, r"unflagged samples have NaN or inf in values"),
    ],
)
def test_rows_that_cannot_be_imaged(path, column, values, sentence):
    write(path).close()
    if values == 0:  # antenna 0 with itself
        change(path, "ANTENNA1", 0)
    change(path, column, values, rows=slice(1, None) if column == "ANTENNA2" else slice(None))
    with pytest.raises(ValueError, match=r"obs.ms.*" + sentence):
        read(path)


def test_a_moving_or_older_phase_centre_is_refused(path):
    write(path).close()
    with tables.table(f"{path}/FIELD", readonly=False, ack=False) as field:
        field.putcolkeyword("PHASE_DIR", "MEASINFO", {"type": "direction", "Ref": "B1950"})
    with pytest.raises(ValueError, match=r"obs.ms: the phase centres are in B1950; expected J2000 or ICRS"):
        read(path)


def test_other_tables_and_folders(path, tmp_path):
    write(path).close()
    with pytest.raises(
        ValueError, match=r"ANTENNA is a casacore table .* without the columns UVW.*; expected a Measur"
    ):
        read(path / "ANTENNA")
    (tmp_path / "zarr").mkdir()
    with pytest.raises(ValueError, match=r"zarr is a folder without table.dat"):
        read(tmp_path / "zarr")
    np.savez(tmp_path / "obs.npz", u=1)
    with pytest.raises(ValueError, match=r"obs.npz is no Measurement Set; --field can be used with nothing else"):
        read(tmp_path / "obs.npz", field="0")
    (path / "table.f0").write_bytes(b"")
    with pytest.raises(ValueError, match=r"obs.ms"):
        read(path)


def test_a_set_that_another_process_writes_is_named(path):
    write(path).close()
    program = (
        "import sys, casacore.tables as tables\n"
        "main = tables.table(sys.argv[1], readonly=False, ack=False, lockoptions='permanent')\n"
        "print('locked', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout.readline() == "locked\n"
        with pytest.raises(ValueError, match=r"obs.ms is locked by another process"):
            read(path)
        writer.stdin.close()
    assert len(read(path))


def test_without_python_casacore_the_way_to_install_it_is_named(path, monkeypatch):
    write(path).close()
    monkeypatch.setitem(sys.modules, "casacore.tables", None)
    with pytest.raises(ValueError, match=r"need python-casacore; install it with: pip install"):
        read(path)


@pytest.mark.parametrize("limit", [sys.maxsize, 200])
def test_the_bandwidth_is_that_of_channels_with_good_samples(path, limit):
    write(path, windows=WINDOWS).close()  # channels of 2 MHz
    with tables.table(str(path), readonly=False, ack=False) as main:
        for row in range(len(main)):
            flags = main.getcell("FLAG", row)
            if flags.shape[0] == 3:
                flags[:1] = True
            else:
                flags[3 if row % 2 else 1 :] = True  # not the same channels in all rows
            main.putcell("FLAG", row, flags)
    data = read_together([path], limit=limit)
    assert (data.lowest, data.highest) == (1.402e9, 1.504e9)
    assert data.bandwidth == pytest.approx(1.505e9 - 1.401e9)


def test_several_sets_are_one_data_set(path, tmp_path):
    write(path, windows=WINDOWS).close()
    halves = []
    for number, window in enumerate(WINDOWS):
        halves.append(tmp_path / f"half{number}.ms")
        write(halves[-1], windows=(window,)).close()
    whole, (together,) = read(path), read_together(halves).pieces
    np.testing.assert_allclose(np.sort_complex(together.values), np.sort_complex(whole.values))
    assert together.bandwidth == pytest.approx(whole.bandwidth)
    change(halves[1], "PHASE_DIR", np.radians([[[202.6, -30.7]]]), table="FIELD")
    with pytest.raises(ValueError, match=r"half0.ms, .*half1.ms: the phase centres differ"):
        read_together(halves)
