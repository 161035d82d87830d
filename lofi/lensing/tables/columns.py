"""Columns of a user's file by their names, as numbers: units converted, missing values NaN, rows selected.

A column is asked for by its name, or by a mapping `{name, scale, offset}`: its values are then
`offset + scale · stored` (packed integers), whatever its unit. In an npz file, scale and offset may also be the names
of arrays with a single number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lofi.lensing.shear_file import ShearFile, is_table
from lofi.lensing.tables.choice import choose
from lofi.lensing.tables.formats import fits_tables, reader_of
from lofi.lensing.tables.selection import Selection
from lofi.lensing.tables.stored import StoredTable, joined
from lofi.lensing.tables.units import numbers

Column = str | Mapping[str, str | float]


@dataclass(frozen=True)
class Columns:
    """What was read of a file.

    Attributes
    ----------
    values : {key: float64 (n,)}, NaN where missing.
    labels : {key: name of the column, and how it marks missing values}.
    header : cards of the table. notes : sentences on what was used, converted and left out.
    rows : bool (all rows of the table), those that were kept.
    """

    values: dict[str, np.ndarray]
    labels: dict[str, str]
    header: Mapping
    notes: list[str]
    rows: np.ndarray


def read_columns(
    file: ShearFile, columns: Mapping[str, Column], *, hdu: str | None = None, select: str | None = None
) -> Columns:
    """Columns of one table of a file, or of several one below the other.

    Parameters
    ----------
    columns : mapping of any key to a column: `"name"` or `{"name": ..., "scale": 1, "offset": 0}`.
    hdu : numbers or names of the tables, separated by commas, or `all` (`lofi.lensing.tables.choice`).
    select : an expression of columns; only rows where it is true are kept (`lofi.lensing.tables.selection`).

    Raises ValueError for columns that are missing or hold no numbers, and for tables that are alternatives.
    """
    path = file.path
    wanted = {key: _description(path, key, column) for key, column in columns.items()}
    selection = None if select is None else Selection(path, select)
    names = list(dict.fromkeys([c["name"] for c in wanted.values()] + ([] if selection is None else selection.names)))
    tables = choose(path, tables_of(file, names), names, hdu)
    stored = {name: joined(path, tables, name) for name in names}
    lengths = {name: len(column.values) for name, column in stored.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the columns of '{path}' have different lengths: {lengths}")
    rows = next(iter(lengths.values()))
    used = ", ".join(table.label for table in tables)
    notes = [f"table {used}: {rows} rows"] if file.hdus or len(tables) > 1 or tables[0].name else []
    keep = np.ones(rows, bool)
    if selection is not None:
        keep = selection.rows({name: _comparable(path, name, stored[name]) for name in selection.names})
        notes.append(f"selection {select}: {np.count_nonzero(keep)} of {rows} rows")
    values, labels = {}, {}
    for key, column in wanted.items():
        name = column["name"]
        source = stored[name]
        if "scale" in column or "offset" in column:
            source = replace(source, unit="deg" if key in ("ra", "dec") else "")
        converted, column_notes = numbers(path, key, name, source)
        scale = _constant(path, key, column.get("scale", 1.0), tables[0].constants)
        offset = _constant(path, key, column.get("offset", 0.0), tables[0].constants)
        values[key] = (offset + scale * converted)[keep]
        marked = source.missing is not None and source.missing.any() and source.null
        labels[key] = f"'{name}' ({source.null})" if marked else f"'{name}'"
        notes += [note for note in column_notes if note not in notes]
    frame = stored[wanted["ra"]["name"]].frame if "ra" in wanted else {}
    return Columns(values, labels, {**tables[0].header, **frame}, notes, keep)


def tables_of(file: ShearFile, names: Sequence[str] = ()) -> list[StoredTable]:
    """The tables of a file, of which only the columns `names` need be read."""
    if file.hdus:
        numbered = [(number, hdu) for number, hdu in enumerate(file.hdus) if is_table(hdu)]
        return fits_tables(numbered, file.hdus[0].header)
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
