"""Columns of Measurement Sets that are replaced as a whole, in all sets, or not at all.

casacore changes a table in place, file by file: what is interrupted or finds the disk full may leave a set that nobody
can open. So it works on a second table, a hidden folder within the set, with a copy of `table.dat` (which names the
columns and the files of their values) and hard links to those files. The new column has files of its own. They move
into the set, and then one rename of `table.dat` makes them the column. Of several sets all are ready before the first
of these renames; where one fails, those before it are taken back. Only a kill between two of them leaves some sets
with the new column and others with the old one, each whole.
"""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lofi.io.atomic import temporary
from lofi.radio.visibilities.ms_replacement import Replacement
from lofi.radio.visibilities.ms_tables import casacore_tables

LOCK_SECONDS = 60  # that another process may keep the set locked
COPIED = ("table.dat", "table.info")
KEPT = ("DATA", "CORRECTED_DATA", "FLOAT_DATA")  # never overwritten


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
def new_column(path: Path, column: str, tile: tuple[int, int, int]) -> Iterator[Replacement]:
    """An empty column, of any shapes, that `commit` makes `column`; a block that fails leaves the set as it was.

    Other columns must not be changed in the block. An old column that shares its files with others is kept under
    another name, because to remove it would change these files.

    tile : rows, channels and correlations that are stored together.

    Raises ValueError where another process holds the lock, OSError where the values cannot be written.
    """
    tables = casacore_tables()
    with _locked(tables, path), temporary(path / column) as folder:
        folder.mkdir()
        present = {file.name for file in path.glob("table.*") if file.name != "table.lock"}
        _link(path, present, folder)
        main = tables.table(str(folder), readonly=False, ack=False, lockoptions="permanent")
        replacement = Replacement(path, column, folder, main, present)
        try:
            replacement.add(tables, tile)
            yield replacement
        except BaseException as error:
            replacement.take_back()
            if not isinstance(error, RuntimeError):
                raise
            raise replacement.unwritten(error) from error
        replacement.clear()


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
