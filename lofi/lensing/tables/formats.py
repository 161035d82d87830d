"""The formats of tables of galaxies, and the tables that a file of each holds."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import h5py
import numpy as np
from astropy.io import fits, votable
from astropy.table import Table

from lofi.lensing.tables.stored import StoredColumn, StoredTable
from lofi.lensing.tables.text import read_text


def fits_tables(hdus: list[tuple[int, fits.BinTableHDU | fits.TableHDU]], primary: fits.Header) -> list[StoredTable]:
    """Tables of FITS HDUs with their numbers; TNULL marks missing values, also of scaled columns."""
    frame = {key: primary[key] for key in ("RADESYS", "RADECSYS", "EQUINOX", "EPOCH") if key in primary}
    tables = []
    for number, hdu in hdus:
        header = frame | dict(hdu.header)
        read = partial(_fits_column, hdu)
        tables.append(StoredTable(str(number), hdu.name.strip(), hdu.columns.names, read, header))
    return tables


def _fits_column(hdu, name):
    values, column = np.asarray(hdu.data[name]), hdu.columns[name]
    missing, null = None, ""
    if column.null not in (None, "") and values.dtype.kind in "iuf":
        scale = 1.0 if column.bscale in (None, "") else float(column.bscale)
        offset = 0.0 if column.bzero in (None, "") else float(column.bzero)
        # Half a step about the value that the stored null is scaled to.
        missing = np.abs(values.astype(np.float64) - (float(column.null) * scale + offset)) < 0.5 * abs(scale)
        null = f"TNULL {column.null}"
    return StoredColumn(values, missing, str(column.unit or "").strip(), null)


def npz_tables(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The arrays of an npz file as one table; single numbers are its constants."""
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    names = [name for name, array in arrays.items() if array.ndim]
    constants = {name: float(a) for name, a in arrays.items() if a.ndim == 0 and a.dtype.kind in "fiu"}
    return [StoredTable("", "", names, lambda name: StoredColumn(arrays[name]), constants=constants)]


def ecsv_tables(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The table of an ECSV file, with its units and masks."""
    return [_astropy_table(Table.read(path, format="ascii.ecsv"))]


def votables(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The tables of a VOTable file; a coordinate system of B1950 is told."""
    document = votable.parse(path)
    systems = {str(system.system).upper() for resource in document.resources for system in resource.coordinate_systems}
    header = {"RADESYS": "FK4"} if "EQ_FK4" in systems else {}
    tables = []
    for number, table in enumerate(document.iter_tables()):
        tables.append(_astropy_table(table.to_table(), str(number), table.name or table.ID or "", header))
    return tables


def _astropy_table(table, number="", name="", header=None):
    def read(column_name):
        column = table[column_name]
        missing = np.ma.getmaskarray(column) if np.ma.isMaskedArray(column) else None
        unit = "" if column.unit is None else str(column.unit)
        return StoredColumn(np.ma.getdata(column), missing, unit, "masked")

    return StoredTable(number, name, table.colnames, read, header or {})


def parquet_tables(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The table of a parquet file; ValueError where pyarrow, which reads it, is missing."""
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise ValueError(f"'{path}': parquet files need pyarrow; install it with: pip install pyarrow") from error

    def read(name):
        column = parquet.read_table(path, columns=[name])[name]
        missing = np.asarray(column.is_null())
        return StoredColumn(column.to_numpy(), missing, null="null")

    return [StoredTable("", "", parquet.read_schema(path).names, read)]


def hdf5_tables(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The groups of an HDF5 file as tables: a column is a data set of a group, as TXPipe writes them."""
    tables = {}
    with h5py.File(path) as file:
        groups = {"": file}
        file.visititems(lambda name, item: groups.update({name: item}) if isinstance(item, h5py.Group) else None)
        for group_name, group in groups.items():
            names = [name for name, item in group.items() if isinstance(item, h5py.Dataset) and item.ndim > 0]
            if names:
                tables[group_name] = names

    def read(group_name, name):
        with h5py.File(path) as file:
            data = file[f"{group_name}/{name}"]
            unit = data.attrs.get("unit", data.attrs.get("units", ""))
            values = data.asstr()[:] if h5py.check_string_dtype(data.dtype) else data[:]
            return StoredColumn(values, unit=unit.decode() if isinstance(unit, bytes) else str(unit))

    return [StoredTable("", name, names, partial(read, name)) for name, names in tables.items()]


# A path and the names of wanted columns to the tables of a file; only these columns need be read.
Reader = Callable[[Path, Sequence[str]], list[StoredTable]]

# The ending of a file's name decides its format. A new format is one more entry.
FORMATS: dict[str, Reader] = {
    ".npz": npz_tables,
    ".ecsv": ecsv_tables,
    ".vot": votables,
    ".votable": votables,
    ".xml": votables,
    ".parquet": parquet_tables,
    ".hdf5": hdf5_tables,
    ".h5": hdf5_tables,
} | {ending + packed: read_text for ending in (".csv", ".tsv", ".txt") for packed in ("", ".gz")}


def reader_of(path: Path) -> Reader | None:
    """What reads a file of this name; None for FITS and for unknown endings."""
    return next((reader for ending, reader in FORMATS.items() if path.name.lower().endswith(ending)), None)
