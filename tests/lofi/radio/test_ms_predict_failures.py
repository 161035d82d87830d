"""The model's visibilities in a Measurement Set: a failure, of whatever kind, changes none."""

import os
import re
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from measurement_set import write
from model_column import MODEL, add, cells, contents, source, tables, two_windows

from lofi.radio.visibilities import ms_column
from lofi.radio.visibilities.ms_predict import check_predict, write_model
from lofi.radio.visibilities.ms_selection import Selection


@pytest.fixture
def path(tmp_path):
    return two_windows(tmp_path / "obs.ms")


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
