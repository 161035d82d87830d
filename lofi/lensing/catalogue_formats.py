"""Named columns of a table on disk: FITS, CSV and npz.

A column is asked for by its name, or by a mapping `{name, scale, offset}`: its values are then
`offset + scale · stored` (packed integers). In an npz file, scale and offset may also be the names
of arrays with a single number.
"""

from collections.abc import Mapping
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from lofi.lensing.shear_file import ShearFile, is_table

Column = str | Mapping[str, str | float]


def read_columns(file: ShearFile, columns: Mapping[str, Column]) -> dict[str, np.ndarray]:
    """Columns of a table as float64 arrays.

    Parameters
    ----------
    columns : mapping of any key to a column: `"name"` or `{"name": ..., "scale": 1, "offset": 0}`.

    Returns
    -------
    dict with the keys of `columns`, arrays (n,) of one length.
    """
    path = file.path
    wanted = {key: _description(path, key, column) for key, column in columns.items()}
    names = list(dict.fromkeys(column["name"] for column in wanted.values()))
    if file.hdus:
        table, constants = _fits_table(file, names), {}
    elif path.suffix.lower() == ".npz":
        table, constants = _npz_table(path, names)
    else:
        table, constants = _csv_table(path, names), {}
    result = {}
    for key, column in wanted.items():
        scale = _constant(path, key, column.get("scale", 1.0), constants)
        offset = _constant(path, key, column.get("offset", 0.0), constants)
        result[key] = offset + scale * _numbers(path, column["name"], table[column["name"]])
    lengths = {column["name"]: len(result[key]) for key, column in wanted.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the columns of '{path}' have different lengths: {lengths}")
    return result


def _description(path, key, column):
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


def _numbers(path, name, values):
    values = np.asarray(values)
    if values.ndim != 1:
        raise ValueError(f"column '{name}' of '{path}' has the shape {values.shape}; expected one number per row")
    if values.dtype.kind not in "fiub":
        raise ValueError(f"column '{name}' of '{path}' holds values of type {values.dtype}; expected numbers")
    return values.astype(np.float64)


def _missing(path, names, available):
    missing = [name for name in names if name not in available]
    if missing:
        raise ValueError(f"'{path}' has no column {_listed(missing)}; available columns: {_listed(available)}")


def _listed(names):
    return ", ".join(f"'{name}'" for name in names) or "none"


def _fits_table(file, names):
    tables = [hdu for hdu in file.hdus if is_table(hdu)]
    # FITS column names do not distinguish upper and lower case.
    known = [{name.lower() for name in hdu.columns.names} for hdu in tables]
    chosen = next((h for h, k in zip(tables, known, strict=True) if {n.lower() for n in names} <= k), None)
    if chosen is not None:
        return {name: np.array(chosen.data[name]) for name in names}
    if not tables:
        raise ValueError(f"'{file.path}' has no table HDU; expected a table with the columns {_listed(names)}")
    found = "; ".join(_listed(hdu.columns.names) for hdu in tables)
    raise ValueError(f"'{file.path}' has no table with all the columns {_listed(names)}; available columns: {found}")


def _csv_table(path, names):
    available = []

    def wanted(name):
        available.append(str(name).strip())
        return available[-1] in names

    try:
        table = pd.read_csv(path, comment="#", usecols=wanted, low_memory=False)
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError, OSError) as error:
        raise ValueError(f"'{path}' cannot be read as a CSV table with one line of column names: {error}") from error
    _missing(path, names, list(dict.fromkeys(available)))
    table.columns = [str(name).strip() for name in table.columns]
    return {name: table[name].to_numpy() for name in names}


def _npz_table(path, names):
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (BadZipFile, ValueError, OSError, EOFError, TypeError, AttributeError) as error:
        raise ValueError(f"'{path}' cannot be read as npz (truncated, or not npz): {error}") from error
    _missing(path, names, [name for name, array in arrays.items() if array.ndim])
    return arrays, {name: array for name, array in arrays.items() if array.ndim == 0 and array.dtype.kind in "fiu"}
