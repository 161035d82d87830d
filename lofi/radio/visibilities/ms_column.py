"""A column of a Measurement Set that is replaced as a whole or not at all.

casacore changes a table in place, file by file: what is interrupted or finds the disk full may leave a set that nobody
can open. So it works on a second table, a hidden folder within the set, with a copy of `table.dat` (which names the
columns and the files of their values) and hard links to those files. The new column has files of its own. They move
into the set, and then one rename of `table.dat` makes them the column.
"""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lofi.io.atomic import temporary
from lofi.radio.visibilities.ms_tables import casacore_tables

NEW = "LOFI_NEW_COLUMN"
LOCK_SECONDS = 60  # that another process may keep the set locked
TILE = 131072  # numbers; a megabyte
COPIED = ("table.dat", "table.info")
KEPT = ("DATA", "CORRECTED_DATA", "FLOAT_DATA")  # never overwritten


@dataclass(frozen=True, eq=False)
class Replacement:
    """A column that is being replaced.

    Attributes
    ----------
    main : the main table, to be filled in its column `NEW`. old : name of the column that is replaced, None where
        there is none. kept : the name under which it stays; None where it goes.
    """

    main: Any
    old: str | None
    kept: str | None


def check_column(path: Path, column: str, imaged: str) -> None:
    """Refuse, ValueError or OSError, a column that must not or cannot be written; `imaged`: the one that is imaged."""
    if not re.fullmatch(r"[A-Za-z]\w*", column, re.ASCII):
        raise ValueError(f"--predict {column!r} is no name of a column; give one such as MODEL_DATA")
    if column in (*KEPT, imaged):
        raise ValueError(f"--predict {column} would overwrite observed visibilities; give another, such as MODEL_DATA")
    tables = casacore_tables()
    if (path / "table.mf").exists():
        raise ValueError(f"{path} keeps all columns in one file (MultiFile), so --predict cannot replace one")
    with tables.table(str(path), ack=False, lockoptions="usernoread") as main:
        if column in main.colnames() and main.coldatatype(column) not in ("complex", "dcomplex"):
            raise ValueError(
                f"{path}: {column} holds {main.coldatatype(column)}, no visibilities; --predict cannot replace it"
            )
    try:  # permissions promise what read-only disks do not keep
        with tempfile.TemporaryFile(dir=path), (path / "table.lock").open("r+b"), (path / "table.dat").open("r+b"):
            pass
    except OSError as error:
        raise PermissionError(f"{path}: --predict {column} cannot be written there: {error.strerror}") from None


@contextmanager
def replaced_column(path: Path, column: str, tile: tuple[int, int, int]) -> Iterator[Replacement]:
    """An empty column, of any shapes, that becomes `column` when the block ends; a block that fails changes nothing.

    Other columns must not be changed in the block. An old column that shares its files with others is kept under
    another name, because to remove it would change these files.

    tile : rows, channels and correlations that are stored together.

    Raises ValueError where another process holds the lock, OSError where the values cannot be written.
    """
    tables = casacore_tables()
    with _locked(tables, path), temporary(path / column) as folder:
        folder.mkdir()
        before = {file.name for file in path.glob("table.*") if file.name != "table.lock"}
        _link(path, before, folder)
        main = tables.table(str(folder), readonly=False, ack=False, lockoptions="permanent")
        try:
            replacement = _added(tables, main, column, tile)
            yield replacement
            if replacement.kept:
                main.renamecol(column, replacement.kept)
            elif replacement.old:
                main.removecols(column)
            main.renamecol(NEW, column)
            numbers = {manager["SEQNR"] for manager in main.getdminfo().values()}
            main.close()
        except BaseException as error:
            _abandon(main, [file for file in folder.glob("table.f*") if file.name not in before])
            if not isinstance(error, RuntimeError):
                raise
            raise OSError(
                f"{path}: {column} cannot be written and is as before; is the disk full or the quota used up? ({error})"
            ) from error
        _commit(path, folder, before, numbers)


@contextmanager
def _locked(tables, path):
    try:
        main = tables.table(str(path), readonly=False, ack=False, lockoptions="usernoread")
        main.lock(write=True, nattempts=LOCK_SECONDS)
    except RuntimeError as error:
        raise OSError(f"{path} cannot be opened to write to it: {error}") from error
    with main:
        if not main.haslock(write=True):
            raise ValueError(f"{path} is locked by another process; wait until that has ended")
        yield


def _link(path, names, folder):
    try:
        for name in names:
            (shutil.copy2 if name in COPIED else os.link)(path / name, folder / name)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise OSError(
            f"{path}: --predict needs hard links to its files, which cannot be made there ({error.strerror}); copy the "
            "set to a local disk"
        ) from error


def _added(tables, main, column, tile):
    old = column if column in main.colnames() else None
    managers = main.getdminfo().values()
    shared = any(old in manager["COLUMNS"] and len(manager["COLUMNS"]) > 1 for manager in managers)
    description = tables.makearrcoldesc(NEW, 0j, ndim=2, valuetype=main.coldatatype(old) if old else "complex")
    storage = {
        "TYPE": "TiledShapeStMan",
        "NAME": _unused("LofiTiled", [manager["NAME"] for manager in managers]),
        "SPEC": {"DEFAULTTILESHAPE": np.array(tile[::-1], np.int32)},
    }
    main.addcols(tables.maketabdesc([description]), storage)
    main.setmaxcachesize(NEW, 8 * TILE)
    if old:
        main.putcolkeywords(NEW, main.getcolkeywords(old))
    main.flush()
    return Replacement(main, old, _unused(f"{old}_BEFORE", main.colnames()) if shared else None)


def _unused(name, names):
    return next(word for word in (name + str(number or "") for number in range(len(names) + 1)) if word not in names)


def _abandon(main, files):
    """Close a table whose new files are not wanted; casacore ends the process where it cannot write at closing."""
    for file in files:
        os.truncate(file, 0)  # makes room
    with suppress(RuntimeError):
        main.close()


def _commit(path, folder, before, numbers):
    """Move the new column into the set; `numbers` of the files that hold columns, all others go."""
    new = [file for file in folder.glob("table.f*") if file.name not in before]
    for file in (*new, folder / "table.dat"):
        with file.open("rb+") as written:
            os.fsync(written.fileno())  # some file systems notice only here that they are full
    for file in new:
        file.replace(path / file.name)
    os.truncate(path / "table.lock", 0)  # it counts the columns for processes that wait; empty, it says nothing
    (folder / "table.dat").replace(path / "table.dat")
    for file in path.glob("table.f*"):  # of the old column, or left by a kill at this place
        number = re.match(r"table\.f(\d+)", file.name)
        if number and int(number[1]) not in numbers:
            file.unlink()
