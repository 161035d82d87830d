"""The model's visibilities in a Measurement Set: which cells change, and that a failure changes none."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from measurement_set import EAST, FLUX, NORTH, point_source, write

from lofi.radio.visibilities import ms_column
from lofi.radio.visibilities.ms_predict import check_predict, write_model
from lofi.radio.visibilities.ms_selection import Selection
from lofi.radio.visibilities.read import read_visibilities

tables = pytest.importorskip("casacore.tables", reason="python-casacore is not installed")
WINDOWS, FIELDS = ((1.4e9, 3), (1.5e9, 5)), ("3C286", "NGC 1275")
MODEL = "MODEL_DATA"


@pytest.fixture
def path(tmp_path):
    write(tmp_path / "obs.ms", windows=WINDOWS, fields=FIELDS).close()
    return tmp_path / "obs.ms"


def source(u, v, w, frequency):
    """The source of the set."""
    assert u.shape == v.shape == w.shape == frequency.shape
    return FLUX * np.exp(-2j * np.pi * (u * EAST + v * NORTH + w * (np.sqrt(1 - EAST**2 - NORTH**2) - 1)))


def cells(path, column):
    """Values of each row."""
    with tables.table(str(path), ack=False) as main:
        return [main.getcell(column, row) for row in range(main.nrows())]


def column(path, name):
    with tables.table(str(path), ack=False) as main:
        return main.getcol(name)


def add(path, name, *, tiled, kind="complex"):
    """A column with the value 7 in all cells, in files of its own or in those of others."""
    with tables.table(str(path), readonly=False, ack=False) as main:
        description = tables.makearrcoldesc(name, 0j, ndim=2, valuetype=kind, keywords={"UNIT": "Jy"})
        manager = {
            "TYPE": "TiledShapeStMan",
            "NAME": "Model",
            "SPEC": {"DEFAULTTILESHAPE": np.array([4, 3, 9], np.int32)},
        }
        main.addcols(tables.maketabdesc([description]), *([manager] if tiled else []))
        for row in range(main.nrows()):
            main.putcell(name, row, np.full(main.getcell("FLAG", row).shape, 7 + 0j))


def contents(path):
    """Digests of all files, without the lock."""
    files = (file for file in path.rglob("*") if file.is_file() and file.name != "table.lock")
    return {str(file.relative_to(path)): hashlib.md5(file.read_bytes()).hexdigest() for file in files}


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


@pytest.mark.parametrize("existing", [True, False])
def test_a_write_that_fails_half_way_changes_nothing(path, monkeypatch, existing):
    if existing:
        add(path, MODEL, tiled=True)
    before = contents(path)
    put, puts = tables.table.putcol, []

    def failing(self, *arguments, **keywords):
        puts.append(1)
        if len(puts) > 3:
            raise RuntimeError("write error in table.f1: Success")
        put(self, *arguments, **keywords)

    monkeypatch.setattr(tables.table, "putcol", failing)
    with pytest.raises(OSError, match=r"obs.ms: MODEL_DATA cannot be written and is as before; is the disk full"):
        write_model([path], MODEL, source, Selection(field="0"), limit=250)
    monkeypatch.undo()
    assert contents(path) == before
    assert len(puts) == 4


def test_a_model_that_is_not_finite_changes_nothing(path):
    before = contents(path)
    with pytest.raises(ValueError, match=r"obs.ms: the model's visibilities are not finite"):
        write_model([path], MODEL, lambda u, v, w, frequency: np.nan * u, Selection(field="0"))
    assert contents(path) == before


KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from lofi.radio.visibilities import ms_column, ms_predict
from lofi.radio.visibilities.ms_selection import Selection
moment, calls, move = sys.argv[2], [], ms_column.Path.replace
def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
def model(u, v, w, frequency):
    calls.append(1)
    if moment == "writing" and len(calls) == 3:
        kill()
    return np.ones(len(u))
if moment == "linking":
    ms_column.os.link = kill
if moment == "moving":
    ms_column.Path.replace = kill
if moment == "moved":
    ms_column.Path.replace = lambda file, target: (kill if file.name == "table.dat" else move)(file, target)
if moment == "valid":
    ms_column.Path.unlink = kill
ms_predict.write_model([Path(sys.argv[1])], "MODEL_DATA", model, Selection(field="0"), limit=250)
"""


@pytest.mark.parametrize("moment", ["linking", "writing", "moving", "moved", "valid"])
def test_a_kill_leaves_the_whole_column_and_the_next_time_clears_up(path, moment):
    add(path, MODEL, tiled=True)
    before = contents(path)
    paths = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, "-c", KILLED, path, moment], env=paths)
    assert ended.returncode == -signal.SIGKILL
    after = contents(path)
    if moment == "valid":  # only the files of the old column are too many
        assert all((values[:, [0, 3]] == 1).all() for values in cells(path, MODEL)[:168])
    else:
        assert {name: after[name] for name in before} == before
        assert all((values == 7).all() for values in cells(path, MODEL))
    write_model([path], MODEL, source, Selection(field="0"))
    assert not list(path.glob(".*"))
    assert len(list(path.glob("table.f*"))) == len([name for name in before if name.startswith("table.f")])
    assert not any((values == 7).any() for values in cells(path, MODEL)[:168])
    assert not any((values != 7).any() for values in cells(path, MODEL)[168:])


FULL = """
import sys
from pathlib import Path
from lofi.radio.visibilities import ms_predict
try:
    ms_predict.write_model([Path(sys.argv[1])], "MODEL_DATA", lambda u, v, w, frequency: u)
except OSError as error:
    print(error)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
@pytest.mark.parametrize("existing", [True, False])
def test_a_full_disk_leaves_the_column_as_it_was(tmp_path, existing):
    write(tmp_path / "obs.ms", windows=((1.4e9, 300),)).close()
    if existing:
        add(tmp_path / "obs.ms", MODEL, tiled=True)
    size = sum(file.stat().st_size for file in (tmp_path / "obs.ms").rglob("*")) + 700_000
    (tmp_path / "small").mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", tmp_path / "small"])
    if mounted.returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        path = tmp_path / "small" / "obs.ms"
        shutil.copytree(tmp_path / "obs.ms", path)
        before = contents(path)
        with pytest.raises(
            OSError, match=r"obs.ms: --predict MODEL_DATA needs 0.000806 GB, the disk has 0.000\d+ GB left"
        ):
            check_predict([path], MODEL)
        paths = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        ended = subprocess.run([sys.executable, "-c", FULL, path], env=paths, capture_output=True, text=True)
        assert re.search(r"obs.ms: MODEL_DATA cannot be written and is as before; is the disk full", ended.stdout)
        assert ended.returncode == 0, ended.stderr
        assert contents(path) == before
    finally:
        subprocess.run(["umount", "-l", tmp_path / "small"], check=True)


LOCKED = """
import sys, casacore.tables as tables
main = tables.table(sys.argv[1], readonly=False, ack=False, lockoptions="user")
main.lock(write=True)
print("locked", flush=True)
sys.stdin.read()
"""


def test_what_another_process_has_locked_is_left_alone(path, monkeypatch):
    monkeypatch.setattr(ms_column, "LOCK_SECONDS", 1)
    holder = subprocess.Popen(
        [sys.executable, "-c", LOCKED, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "locked\n"
        before = contents(path)
        with (
            pytest.raises(ValueError, match=r"obs.ms is locked by another process"),
            ms_column.new_column(path, MODEL, (1, 3, 4)),
        ):
            pass
        assert contents(path) == before
    finally:
        holder.communicate()


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


def test_a_read_only_set(path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(ms_column.tempfile, "TemporaryFile", refuse)
    with pytest.raises(PermissionError, match=r"obs.ms: --predict MODEL_DATA cannot be written there: Read-only file"):
        check_predict([path], MODEL, Selection(field="0"))


def test_a_file_system_without_hard_links(path, monkeypatch):
    def refuse(*_):
        raise OSError(95, "Operation not supported")

    before = contents(path)
    monkeypatch.setattr(ms_column.os, "link", refuse)
    with pytest.raises(
        OSError, match=r"obs.ms: --predict needs hard links to its files, .* \(Operation not supported\)"
    ):
        write_model([path], MODEL, source, Selection(field="0"))
    assert contents(path) == before


def test_a_set_in_one_file(path):
    (path / "table.mf").touch()
    with pytest.raises(ValueError, match=r"obs.ms keeps all columns in one file"):
        check_predict([path], MODEL, Selection(field="0"))


@pytest.fixture
def multi(path):
    """A multi-MS of the set and of another one with a field more, its tables links as CASA makes them."""
    other, whole = path.with_name("other.ms"), path.with_name("multi.ms")
    write(other, windows=WINDOWS, fields=FIELDS).close()
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
    write(paths[1], windows=WINDOWS, fields=FIELDS).close()
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
