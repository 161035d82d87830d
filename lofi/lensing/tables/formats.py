"""The formats of tables of galaxies, and the tables that a file of each holds."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import h5py
import numpy as np
from astropy.io import fits, votable
from astropy.io.misc.hdf5 import META_KEY
from astropy.table import Table
from astropy.table.meta import get_header_from_yaml

from lofi.lensing.tables.stored import StoredColumn, StoredTable
from lofi.lensing.tables.text import read_text


def fits_tables(hdus: list[tuple[int, fits.BinTableHDU | fits.TableHDU]], primary: fits.Header) -> list[StoredTable]:
    """Tables of FITS HDUs with their numbers; TNULL marks missing values of any kind of column."""
    frame = _frame_cards(primary)
    tables = []
    for number, hdu in hdus:
        header = frame | dict(hdu.header)
        read = partial(_fits_column, hdu)
        tables.append(StoredTable(str(number), hdu.name.strip(), hdu.columns.names, read, header))
    return tables


def _fits_column(hdu, name):
    values, column = np.asarray(hdu.data[name]), hdu.columns[name]
    missing, null = None, ""
    if isinstance(hdu, fits.TableHDU) and column.null:  # text, compared as it is stored
        stored = np.recarray.field(hdu.data, hdu.columns.names.index(name))
        missing, null = np.char.strip(stored.astype(str)) == str(column.null).strip(), f"TNULL {column.null}"
    elif column.null not in (None, "") and values.dtype.kind in "iuf":
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
    table = Table.read(path, format="ascii.ecsv")
    return [_astropy_table(table, header=_frame_cards(table.meta))]


def votables(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The tables of a VOTable file; columns have the coordinate system (COOSYS) that they name, or the only one."""
    document = votable.parse(path)
    resources = document.resources
    systems = {system.ID: _cards_of(system) for resource in resources for system in resource.coordinate_systems}
    common = next(iter(systems.values())) if len(systems) == 1 else {}
    tables = []
    for number, table in enumerate(document.iter_tables()):
        frames = {field.name: systems[field.ref] for field in table.fields if field.ref in systems}
        stored = _astropy_table(table.to_table(), str(number), table.name or table.ID or "", common, frames)
        tables.append(stored)
    return tables


def _cards_of(system):
    """RADESYS and EQUINOX of a COOSYS: eq_FK4 and FK4 are the same word of two versions of VOTable."""
    name = str(system.system or "").upper().removeprefix("EQ_")
    if not name.startswith(("FK", "ICRS", "GAL", "SUPER", "ECL")):  # barycentric and xy name no axes of the sky
        return {}
    return {"RADESYS": name} | ({"EQUINOX": system.equinox} if system.equinox and name.startswith("FK") else {})


def _frame_cards(header):
    return {key: header[key] for key in ("RADESYS", "RADECSYS", "EQUINOX", "EPOCH") if key in header}


def _astropy_table(table, number="", name="", header=None, frames=None):
    def read(column_name):
        column = table[column_name]
        missing = np.ma.getmaskarray(column) if np.ma.isMaskedArray(column) else None
        unit = "" if column.unit is None else str(column.unit)
        frame = (frames or {}).get(column_name, {})
        return StoredColumn(np.ma.getdata(column), missing, unit, "masked", frame)

    return StoredTable(number, name, table.colnames, read, header or {})


def parquet_tables(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The table of a parquet file; ValueError where pyarrow, which reads it, is missing."""
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise ValueError(f"'{path}': parquet files need pyarrow; install it with: pip install pyarrow") from error

    schema = parquet.read_schema(path)
    written = (schema.metadata or {}).get(b"table_meta_yaml")  # by astropy
    described = {} if written is None else get_header_from_yaml(written.decode().split("\n"))
    units = {column["name"]: column.get("unit", "") for column in described.get("datatype", ())}

    def read(name):
        column = parquet.read_table(path, columns=[name])[name]
        missing = np.asarray(column.is_null())
        unit = (schema.field(name).metadata or {}).get(b"unit", b"").decode() or str(units.get(name, ""))
        return StoredColumn(column.to_numpy(), missing, unit, "null")

    return [StoredTable("", "", schema.names, read, _frame_cards(described.get("meta", {})))]


def hdf5_tables(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The tables of an HDF5 file: groups of data sets, as of TXPipe, and data sets of records, as of astropy."""
    tables, records = {}, []
    with h5py.File(path) as file:
        groups = {"": file}
        file.visititems(lambda name, item: groups.update({name: item}) if isinstance(item, h5py.Group) else None)
        for group_name, group in groups.items():
            columns = {name: item for name, item in group.items() if isinstance(item, h5py.Dataset) and item.ndim > 0}
            records += [item.name.strip("/") for item in columns.values() if item.dtype.names]
            names = [name for name, item in columns.items() if not item.dtype.names]
            if names:
                tables[group_name] = names

    def read(group_name, name):
        with h5py.File(path) as file:
            data = file[f"{group_name}/{name}"]
            unit = data.attrs.get("unit", data.attrs.get("units", ""))
            values = data.asstr()[:] if h5py.check_string_dtype(data.dtype) else data[:]
            return StoredColumn(values, unit=unit.decode() if isinstance(unit, bytes) else str(unit))

    # Units and masks of records stand in a data set beside them, which is none of the columns.
    found = [_astropy_table(Table.read(path, format="hdf5", path=name), name=name) for name in records]
    described = {f"{name}.{META_KEY}" for name in records}
    for name, names in tables.items():
        columns = [column for column in names if f"{name}/{column}".strip("/") not in described]
        found += [StoredTable("", name, columns, partial(read, name))] if columns else []
    return found


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
