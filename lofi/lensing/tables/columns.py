"""Columns of a user's file by their names, as numbers: units converted, missing values NaN, rows selected.

A column is asked for by its name, or by a mapping `{name, scale, offset}`: its values are then
`offset + scale · stored` (packed integers), whatever its unit. In an npz file, scale and offset may also be the names
of arrays with a single number.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lofi.lensing.catalogue_options import Column
from lofi.lensing.shear_file import ShearFile, is_table
from lofi.lensing.tables.choice import choose
from lofi.lensing.tables.fits_table import fits_tables
from lofi.lensing.tables.formats import reader_of
from lofi.lensing.tables.selection import Selection
from lofi.lensing.tables.stored import StoredTable, same_length
from lofi.lensing.tables.units import SEXAGESIMAL, numbers

ROWS = 1 << 17  # of a piece: what is computed from them fits the processor's cache, a wide table's piece the memory


@dataclass(frozen=True)
class Columns:
    """Some rows of columns.

    Attributes
    ----------
    values : {key: float64 (n,)}, NaN where missing.
    labels : {key: name of the column, and how it marks missing values}.
    table : which of the reader's tables the rows are of. header : what it says about its columns (FITS cards).
    notes : sentences on what was converted.
    rows : bool (all rows of the piece), those that were kept.
    """

    values: dict[str, np.ndarray]
    labels: dict[str, str]
    table: int
    header: Mapping
    notes: list[str]
    rows: np.ndarray


class ColumnReader:
    """Columns of one table of a file, or of several one below the other, to be read as often as needed.

    Parameters
    ----------
    file : of one or more catalogues. columns : mapping of any key to a column: `"name"` or
        `{"name": ..., "scale": 1, "offset": 0}`.
    hdu : numbers or names of the tables, separated by commas, or `all` (`lofi.lensing.tables.choice`).
    select : an expression of columns; only rows where it is true are kept (`lofi.lensing.tables.selection`).

    Raises ValueError for columns that are missing, and for tables that are alternatives.
    """

    def __init__(
        self, file: ShearFile, columns: Mapping[str, Column], *, hdu: str | None = None, select: str | None = None
    ) -> None:
        self.path = file.path
        self._wanted = {key: _description(self.path, key, column) for key, column in columns.items()}
        self._selection = None if select is None else Selection(self.path, select)
        names = [column["name"] for column in self._wanted.values()]
        self._names = list(dict.fromkeys(names + ([] if self._selection is None else self._selection.names)))
        self.tables = [
            (part.path, table)
            for part in file.files
            for table in choose(part.path, tables_of(part, self._names), self._names, hdu)
        ]
        _check_files(self.tables)
        self._only: Columns | None = None  # the piece of a small catalogue is kept
        self._named = bool(file.hdus) or len(self.tables) > 1 or bool(self.tables[0][1].name)

    @property
    def rows(self) -> int | None:
        """Rows of all tables, before the selection; None where only reading tells."""
        lengths = [table.rows for _, table in self.tables]
        return None if None in lengths else sum(lengths)

    def notes(self, rows: int, kept: int) -> list[str]:
        """Which tables were read, and how many rows the selection kept."""
        paths = list(dict.fromkeys(path for path, _ in self.tables))
        used = ", ".join(dict.fromkeys(table.label for _, table in self.tables))
        files = "" if len(paths) == 1 else f" of {len(paths)} files"
        notes = [f"table {used}{files}: {rows} rows"] if self._named else []
        return (
            notes if self._selection is None else [*notes, f"selection {self._selection.text}: {kept} of {rows} rows"]
        )

    def pieces(self, what: str | None = None) -> Iterator[Columns]:
        """The columns, at most `ROWS` rows at a time, with a progress bar on a terminal where `what` names it.

        Raises ValueError for what is no number, and for units that differ from table to table.
        """
        if self._only is not None:
            yield self._only
            return
        known, count = {}, 0
        options = {"unit": "row", "unit_scale": True, "mininterval": 0.5, "leave": False}
        with tqdm(desc=what, total=self.rows, disable=None if what else True, **options) as bar:
            for number, (path, table) in enumerate(self.tables):
                for piece in table.read(path, self._names, ROWS):
                    length = same_length(path, {name: len(column.values) for name, column in piece.items()})
                    for name, column in piece.items():
                        _check_alike(path, f"the units of column '{name}'", known, column.unit)
                    last, count = self._columns(path, number, piece, length, known), count + 1
                    yield last
                    bar.update(length)
        self._only = last if count == 1 else None

    def _columns(self, path, number, piece, length, known):
        keep = np.ones(length, bool) if self._selection is None else self._selected(path, piece, length)
        values, labels, notes = {}, {}, []
        for key, column in self._wanted.items():
            name = column["name"]
            source = piece[name]
            if "scale" in column or "offset" in column:
                source = replace(source, unit="deg" if key in ("ra", "dec") else "")
            converted, column_notes = numbers(path, key, name, source)
            if np.isfinite(converted).any():
                kind = "text" if any(SEXAGESIMAL in note for note in column_notes) else "numbers"
                _check_alike(path, f"the values of column '{name}'", known, kind)
            constants = self.tables[number][1].constants
            scale = _constant(path, key, column.get("scale", 1.0), constants)
            offset = _constant(path, key, column.get("offset", 0.0), constants)
            values[key] = (offset + scale * converted)[keep]
            marked = source.missing is not None and source.missing.any() and source.null
            labels[key] = f"'{name}' ({source.null})" if marked else f"'{name}'"
            notes += [note for note in column_notes if note not in notes]
        frame = piece[self._wanted["ra"]["name"]].frame if "ra" in self._wanted else {}
        return Columns(values, labels, number, {**self.tables[number][1].header, **frame}, notes, keep)

    def _selected(self, path, piece, length):
        compared = {name: _comparable(path, name, piece[name]) for name in self._selection.names}
        if any(missing.all() for _, missing in compared.values()):  # an empty column has no type to compare
            return np.zeros(length, bool)
        return self._selection.rows(compared)


def read_columns(
    file: ShearFile, columns: Mapping[str, Column], *, hdu: str | None = None, select: str | None = None
) -> Columns:
    """All rows of `ColumnReader` at once, with its notes."""
    reader = ColumnReader(file, columns, hdu=hdu, select=select)
    pieces = list(reader.pieces("reading"))
    rows = np.concatenate([piece.rows for piece in pieces])
    values = {key: np.concatenate([piece.values[key] for piece in pieces]) for key in columns}
    notes = dict.fromkeys(note for piece in pieces for note in piece.notes)
    notes = [*reader.notes(len(rows), np.count_nonzero(rows)), *notes]
    return replace(pieces[0], values=values, notes=notes, rows=rows)


def _check_files(tables):
    """ValueError where a file of several has other columns than the first: it may be of another catalogue."""
    columns = {}
    for path, table in tables:
        columns.setdefault(path, set()).update(name.lower() for name in table.names)
    (first, expected), *others = columns.items()
    for path, names in others:
        if names != expected:
            listed = ", ".join(sorted(names ^ expected)[:10])
            raise ValueError(
                f"'{path}' has other columns than '{first}', only one of them has {listed}; expected files of one "
                "catalogue"
            )


def _check_alike(path, what, known, value):
    """ValueError where `what` is not what it was in the pieces before."""
    if known.setdefault(what, value) != value:
        raise ValueError(f"'{path}': {what} differ from place to place: {known[what]!r}, {value!r}")


def tables_of(file: ShearFile, names: Sequence[str] = ()) -> list[StoredTable]:
    """The tables of a file; the wanted `names` tell which of several lines of a text file names its columns."""
    if file.hdus:
        numbered = [(number, hdu) for number, hdu in enumerate(file.hdus) if is_table(hdu)]
        return fits_tables(file.path, numbered, file.hdus[0].header)
    return reader_of(file.path)(file.path, names)


def _description(path: Path, key: str, column: Column) -> Mapping:
    column = {"name": column} if isinstance(column, str) else column
    unknown = set(column) - {"name", "scale", "offset"} if isinstance(column, dict) else {"not a mapping"}
    if unknown or "name" not in column:
        raise ValueError(
            f"column '{key}' of '{path}' is described by {column!r}; expected a name, or name, scale and offset"
        )
    return column


def _constant(path, key, value, constants):
    if isinstance(value, str):
        if value not in constants:
            found = sorted(constants) or "none"
            raise ValueError(f"'{path}' has no single number '{value}' to scale column '{key}'; available: {found}")
        value = constants[value]
    return float(value)


def _comparable(path, name, column):
    """Values for a comparison, numbers or text, and which are missing."""
    values = np.asarray(column.values)
    if values.ndim != 1:
        raise ValueError(f"'{path}': column '{name}' of --select holds {values.shape[1:]} numbers a row; expected one")
    missing = np.zeros(len(values), bool) if column.missing is None else column.missing
    if values.dtype.kind in "OSUT":
        return values.astype(str), missing
    if values.dtype.kind in "iu":
        return values.astype(np.int64), missing  # small and unsigned integers wrap
    if missing.any() and values.dtype.kind == "f" and np.array_equal(values[~missing], np.rint(values[~missing])):
        values = np.where(missing, 0, values).astype(np.int64)  # whole numbers that missing ones made floating
    return values, missing | (values != values)
