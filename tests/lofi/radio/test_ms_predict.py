"""The model's visibilities in a Measurement Set: which cells change."""

import numpy as np
import pytest
from measurement_set import point_source, write
from model_column import MODEL, WINDOWS, add, cells, column, contents, source, tables, two_windows

from lofi.radio.visibilities.ms_predict import check_predict, write_model
from lofi.radio.visibilities.ms_selection import Selection
from lofi.radio.visibilities.read import read_visibilities


@pytest.fixture
def path(tmp_path):
    return two_windows(tmp_path / "obs.ms")


def test_a_new_column_holds_the_model_in_the_selection_and_0_elsewhere(path):
    with tables.table(str(path), readonly=False, ack=False) as main:
        main.putcol("FLAG_ROW", np.ones(40, bool), nrow=40)
        main.putcell("FLAG", 3, np.ones((3, 4), bool))
    before, data = contents(path), read_visibilities(path, Selection(field="0")).values
    assert write_model([path], MODEL, source, Selection(field="1", channels="1~2")) == []
    field, window, uvw = (column(path, name) for name in ("FIELD_ID", "DATA_DESC_ID", "UVW"))
    for row, values in enumerate(cells(path, MODEL)):
        lowest, channels = WINDOWS[window[row]]
        expected = np.zeros((channels, 4), complex)
        if field[row] == 1:
            intensity = point_source(-uvw[[row]], lowest + 2e6 * np.arange(1, 3))[0]
            expected[1:3, 0] = expected[1:3, 3] = intensity  # XX and YY
        np.testing.assert_allclose(values, expected, atol=1e-6)
    after = contents(path)
    assert {name for name in before if before[name] != after[name]} == {"table.dat"}
    np.testing.assert_array_equal(read_visibilities(path, Selection(field="0")).values, data)
    assert not list(path.glob(".*"))


@pytest.mark.parametrize("correlations", ["circular", "I", "one hand"])
def test_the_model_equals_the_data_that_it_made(tmp_path, correlations):
    path = tmp_path / "obs.ms"
    write(path, correlations=correlations).close()
    write_model([path], MODEL, source)
    np.testing.assert_allclose(column(path, MODEL), column(path, "DATA"), atol=1e-6)


def test_blocks_of_rows_and_interleaved_windows_give_the_same(path):
    with tables.table(str(path), readonly=False, ack=False) as main:
        order = np.random.default_rng(1).permutation(main.nrows())
        shuffled = main.selectrows(order.tolist())
        shuffled.copy(str(path.with_name("shuffled.ms")), deep=True).close()
        shuffled.close()
    calls = []

    def model(*samples):
        calls.append(len(samples[0]))
        return source(*samples)

    other = path.with_name("shuffled.ms")
    for each in (path, other):
        write_model([each], MODEL, model, Selection(field="0"), limit=250)
    assert max(calls) <= 250
    assert len(calls) >= 2 * 84 * 8 / 250
    plain, mixed = cells(path, MODEL), cells(other, MODEL)
    assert all(np.array_equal(plain[order[row]], mixed[row]) for row in range(len(order)))


@pytest.mark.parametrize("tiled", [True, False])
@pytest.mark.parametrize("kind", ["complex", "dcomplex"])
def test_of_a_column_that_is_there_only_the_selection_changes(path, tiled, kind):
    add(path, MODEL, tiled=tiled, kind=kind)
    data = cells(path, "DATA")
    notes = write_model([path], MODEL, source, Selection(field="1", spw="L1"))
    field, window = column(path, "FIELD_ID"), column(path, "DATA_DESC_ID")
    for row, values in enumerate(cells(path, MODEL)):
        if (field[row], window[row]) == (1, 1):
            np.testing.assert_allclose(values[:, [0, 3]], data[row][:, [0, 3]] / 2, atol=1e-6)
            assert not values[:, 1:3].any()
        else:
            assert (values == 7).all()
    with tables.table(str(path), ack=False) as main:
        assert main.getcolkeyword(MODEL, "UNIT") == "Jy"
        assert main.coldatatype(MODEL) == kind
        assert ("MODEL_DATA_BEFORE" in main.colnames()) == (not tiled)
    assert bool(notes) == (not tiled)
    assert all(np.array_equal(a, b) for a, b in zip(cells(path, "DATA"), data, strict=True))
    files = len(list(path.glob("table.*")))
    assert write_model([path], MODEL, source, Selection(field="1")) == []  # in files of its own now
    assert len(list(path.glob("table.*"))) == files


def test_cells_that_hold_nothing_are_0(path):
    with tables.table(str(path), readonly=False, ack=False) as main:
        main.addcols(tables.maketabdesc([tables.makearrcoldesc(MODEL, 0j, ndim=2, valuetype="complex")]))
        main.putcell(MODEL, 2, np.full((3, 4), 5 + 0j))
    write_model([path], MODEL, source, Selection(field="1"))
    values = cells(path, MODEL)
    assert (values[2] == 5).all()
    assert not values[3].any()
    assert values[-1].any()


def test_rows_without_baselines_are_0(path):
    with tables.table(str(path), readonly=False, ack=False) as main:
        main.putcell("UVW", 5, np.full(3, np.nan))
    write_model([path], MODEL, source, Selection(field="0"))
    values = cells(path, MODEL)
    assert not values[5].any()
    assert values[6].any()


REFUSED = {
    "DATA": r"--predict DATA would overwrite observed visibilities; give another, such as MODEL_DATA",
    "CORRECTED_DATA": r"--predict CORRECTED_DATA would overwrite observed visibilities",
    "SELFCAL": r"--predict SELFCAL would overwrite observed visibilities",  # the column that is imaged
    "MODEL DATA": r"--predict 'MODEL DATA' is no name of a column",
    "": r"--predict '' is no name of a column",
    "UVW": r"obs.ms: UVW holds double, no visibilities; --predict cannot replace it",
    "FLAG": r"obs.ms: FLAG holds boolean, no visibilities",
}


@pytest.mark.parametrize("name", REFUSED)
def test_columns_that_must_not_be_written(path, name):
    add(path, "SELFCAL", tiled=True)
    before = contents(path)
    for refused in (check_predict, lambda *arguments: write_model(*arguments[:2], source, arguments[2])):
        with pytest.raises(ValueError, match=REFUSED[name]):
            refused([path], name, Selection(field="0", datacolumn="SELFCAL"))
    assert contents(path) == before
    check_predict([path], MODEL, Selection(field="0"))
