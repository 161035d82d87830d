"""A column of a Measurement Set on its way from a second table into the set, and back where it fails (`ms_column`)."""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

NEW = "LOFI_NEW_COLUMN"
TILE = 131072  # numbers; a megabyte
BEFORE = "before.dat"  # the set's own table.dat, in the folder of the new column


@dataclass(eq=False)
class Replacement:
    """A column that is being replaced.

    Attributes
    ----------
    path : of the set. column : its name. folder : of the second table. main : that table, to be filled in its column
        `NEW`. present : names of the set's files.
    old : name of the column that is replaced, None where there is none. kept : the name under which it stays; None
        where it goes.
    """

    path: Path
    column: str
    folder: Path
    main: Any
    present: set[str]
    old: str | None = None
    kept: str | None = None
    _numbers: set[int] = field(default_factory=set)  # of the files that hold columns
    _moved: list[Path] = field(default_factory=list)
    _open: bool = True
    _valid: bool = False

    def add(self, tables: Any, tile: tuple[int, int, int]) -> None:
        """Add the empty column to the second table."""
        main, column = self.main, self.column
        self.old = old = column if column in main.colnames() else None
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
        self.kept = _unused(f"{old}_BEFORE", main.colnames()) if shared else None

    def prepare(self) -> None:
        """Name the new column, and move its files into the set, where nothing refers to them yet."""
        main = self.main
        try:
            if self.kept:
                main.renamecol(self.column, self.kept)
            elif self.old:
                main.removecols(self.column)
            main.renamecol(NEW, self.column)
            self._numbers = {manager["SEQNR"] for manager in main.getdminfo().values()}
            main.close()
        except RuntimeError as error:
            raise self.unwritten(error) from error
        self._open = False
        new = self._new_files()
        for file in (*new, self.folder / "table.dat"):
            with file.open("rb+") as written:
                os.fsync(written.fileno())  # some file systems notice only here that they are full
        os.link(self.path / "table.dat", self.folder / BEFORE)
        for file in new:
            self._moved.append(file.replace(self.path / file.name))
        os.truncate(self.path / "table.lock", 0)  # it counts columns for processes that wait; empty, it says nothing

    def commit(self) -> None:
        """Make the new column that of the set, by one rename."""
        (self.folder / "table.dat").replace(self.path / "table.dat")
        self._valid = True

    def take_back(self) -> None:
        """Leave the set as it was; casacore ends the process where it cannot write at closing."""
        if self._valid:
            (self.folder / BEFORE).replace(self.path / "table.dat")
        for file in self._moved:
            file.unlink(missing_ok=True)
        if self._open:
            for file in self._new_files():
                os.truncate(file, 0)  # makes room
            with suppress(RuntimeError):
                self.main.close()

    def clear(self) -> None:
        """Remove files of the old column, and what a kill at this place left."""
        for file in self.path.glob("table.f*"):
            number = re.match(r"table\.f(\d+)", file.name)
            if number and int(number[1]) not in self._numbers:
                with suppress(OSError):  # the column is valid
                    file.unlink()

    def _new_files(self):
        return [file for file in self.folder.glob("table.f*") if file.name not in self.present]

    def unwritten(self, error: Exception) -> OSError:
        """The error of values that casacore could not write."""
        return OSError(
            f"{self.path}: {self.column} cannot be written and is as before; is the disk full or the quota used up? "
            f"({error})"
        )


def commit(replacements: Sequence[Replacement]) -> None:
    """Make the new columns those of their sets: all are ready before the first is.

    Raises OSError where that fails; `new_column` then takes back what was done.
    """
    for replacement in replacements:
        replacement.prepare()
    for replacement in replacements:
        replacement.commit()


def _unused(name, names):
    return next(word for word in (name + str(number or "") for number in range(len(names) + 1)) if word not in names)
