"""The model's visibilities in several Measurement Sets and multi-MSs: in all of them, or none."""

import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from measurement_set import write
from model_column import FIELDS, MODEL, WINDOWS, add, cells, column, contents, source, tables, two_windows

from lofi.radio.visibilities import ms_column
from lofi.radio.visibilities.ms_predict import check_predict, write_model
from lofi.radio.visibilities.ms_selection import Selection


@pytest.fixture
def path(tmp_path):
    return two_windows(tmp_path / "obs.ms")


@pytest.fixture
def multi(path):
    """A multi-MS of the set and of another one with a field more, its tables links as CASA makes them."""
    other, whole = path.with_name("other.ms"), path.with_name("multi.ms")
    two_windows(other)
    with tables.table([str(path), str(other)], ack=False) as main:
        main.rename(str(whole))
    for folder in path.iterdir():
        if folder.is_dir():
            (whole / folder.name).symlink_to(folder)
    return whole


def test_all_parts_of_a_multi_ms_get_the_column(multi):
    assert write_model([multi], MODEL, source, Selection(field="0")) == []
    field, values, data = column(multi, "FIELD_ID"), cells(multi, MODEL), cells(multi, "DATA")
    assert len(field) == 4 * 84 * 2
    for row, number in enumerate(field):
        np.testing.assert_allclose(values[row][:, [0, 3]], (number == 0) * data[row][:, [0, 3]], atol=1e-6)


def test_no_part_of_a_multi_ms_changes_where_one_fails(multi):
    before, calls = [contents(multi.with_name(name)) for name in ("obs.ms", "other.ms")], []

    def model(*samples):
        calls.append(1)
        return source(*samples) * (np.nan if len(calls) > 1 else 1)

    with pytest.raises(ValueError, match=r"other.ms: the model's visibilities are not finite"):
        write_model([multi], MODEL, model, Selection(field="0"))
    assert [contents(multi.with_name(name)) for name in ("obs.ms", "other.ms")] == before


def test_a_set_that_refers_to_rows_of_another(path):
    reference = path.with_name("reference.ms")
    with tables.table(str(path), ack=False) as main:
        main.selectrows([1, 2, 3]).copy(str(reference)).close()
    for folder in path.iterdir():
        if folder.is_dir():
            (reference / folder.name).symlink_to(folder)
    with pytest.raises(ValueError, match=r"reference.ms only refers to rows of .*obs.ms, so --predict cannot write"):
        check_predict([reference], MODEL)


@pytest.fixture
def several(path):
    """Three sets, one of which has a column already."""
    paths = [path, path.with_name("second.ms"), path.with_name("third.ms")]
    two_windows(paths[1])
    write(paths[2], windows=WINDOWS[:1], fields=FIELDS).close()
    add(paths[1], MODEL, tiled=True)
    return paths


def test_several_sets_get_the_column_together(several):
    assert write_model([*several, several[0]], MODEL, source, Selection(field="0")) == []
    for path in several:
        field, values, data = column(path, "FIELD_ID"), cells(path, MODEL), cells(path, "DATA")
        model = {0: data, 1: [np.full(row.shape, 7 * (path == several[1])) for row in data]}
        for row, number in enumerate(field):
            np.testing.assert_allclose(values[row][:, [0, 3]], model[number][row][:, [0, 3]], atol=1e-6)
        assert not list(path.glob(".*"))


@pytest.mark.parametrize("moment", ["filling", "moving", "valid"])
@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), KeyboardInterrupt()])
def test_no_set_changes_where_one_fails(several, monkeypatch, moment, error):
    """The last one fails: while it is filled, while its files move into it, or when the others are valid already."""
    before, move = [contents(path) for path in several], ms_column.Path.replace
    done = []

    def model(*samples):
        done.append(1)
        if moment == "filling" and len(done) == 3:
            raise error
        return source(*samples)

    def replace(file, target):
        name = {"moving": "table.f", "valid": "table.dat"}.get(moment, "nothing")
        if target.parent.name == "third.ms" and file.name.startswith(name):
            assert (contents(several[0]) != before[0]) == (moment != "filling")
            raise error
        return move(file, target)

    monkeypatch.setattr(ms_column.Path, "replace", replace)
    with pytest.raises(type(error)):
        write_model(several, MODEL, model, Selection(field="0"))
    monkeypatch.undo()
    assert [contents(path) for path in several] == before
    assert not any(list(path.glob(".*")) for path in several)
    write_model(several, MODEL, source, Selection(field="0"))


KILLED_BETWEEN = """
import os, signal, sys
from pathlib import Path
from lofi.radio.visibilities import ms_column, ms_predict
move = ms_column.Path.replace
def replace(file, target):
    if file.name == "table.dat" and target.parent.name == "third.ms":
        os.kill(os.getpid(), signal.SIGKILL)
    return move(file, target)
ms_column.Path.replace = replace
ms_predict.write_model([Path(name) for name in sys.argv[1:]], "MODEL_DATA", lambda u, v, w, frequency: u)
"""


def test_a_kill_between_sets_leaves_each_whole(several):
    """All others are written by then, and the next time does the rest."""
    for path in several:
        with tables.table(str(path), readonly=False, ack=False) as main:
            main.putcol("FIELD_ID", np.zeros(main.nrows(), np.int32))
    before = contents(several[2])
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", KILLED_BETWEEN, *several], env=paths).returncode == -signal.SIGKILL
    for path in several[:2]:
        wavelengths = -column(path, "UVW")[1, 0] * (WINDOWS[0][0] + 2e6 * np.arange(3)) / 299792458
        np.testing.assert_allclose(cells(path, MODEL)[1][:, 0], wavelengths, rtol=1e-6)
    after = contents(several[2])
    assert {name: after[name] for name in before} == before
    write_model(several, MODEL, source)
    for path in several:
        np.testing.assert_allclose(cells(path, MODEL)[3][:, 0], cells(path, "DATA")[3][:, 0], atol=1e-6)
        assert not list(path.glob(".*"))


def test_room_for_all_sets_is_asked_for(several, monkeypatch):
    sizes = [sum(8 * np.size(cell) for cell in cells(path, "DATA")) for path in several]
    usage = shutil.disk_usage(several[0])
    for free, words in ((sum(sizes), None), (sum(sizes) - 1, r"third.ms: --predict MODEL_DATA needs")):
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: usage._replace(free=free))
        if words:
            with pytest.raises(OSError, match=words):
                check_predict(several, MODEL, Selection(field="0"))
        else:
            check_predict(several, MODEL, Selection(field="0"))
