"""The formats of tables of galaxies, and the tables that a file of each holds."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import h5py
import numpy as np
from astropy.io import votable
from astropy.io.misc.hdf5 import META_KEY
from astropy.table import Table
from astropy.table.meta import get_header_from_yaml

from lofi.lensing.tables.npz import npz_tables
from lofi.lensing.tables.stored import Piece, StoredColumn, StoredTable, frame_cards, same_length
from lofi.lensing.tables.text import read_text


def ecsv_tables(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The table of an ECSV file, with its units and masks."""
    table = Table.read(path, format="ascii.ecsv")
    return [_astropy_table(table, header=frame_cards(table.meta))]


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


def _astropy_table(table, number="", name="", header=None, frames=None):
    def column(name, start, stop):
        values = table[name][start:stop]
        missing = np.ma.getmaskarray(values) if np.ma.isMaskedArray(values) else None
        unit = "" if values.unit is None else str(values.unit)
        return StoredColumn(np.ma.getdata(values), missing, unit, "masked", (frames or {}).get(name, {}))

    def pieces(names: Sequence[str], rows: int) -> Iterator[Piece]:
        for start in range(0, max(len(table), 1), rows):
            yield {name: column(name, start, start + rows) for name in names}

    return StoredTable(number, name, table.colnames, pieces, len(table), header or {})


def parquet_tables(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The table of a parquet file; ValueError where pyarrow, which reads it, is missing."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise ValueError(f"'{path}': parquet files need pyarrow; install it with: pip install pyarrow") from error

    schema, rows = parquet.read_schema(path), parquet.read_metadata(path).num_rows
    written = (schema.metadata or {}).get(b"table_meta_yaml")  # by astropy
    described = {} if written is None else get_header_from_yaml(written.decode().split("\n"))
    units = {column["name"]: column.get("unit", "") for column in described.get("datatype", ())}

    def column(name, values):
        unit = (schema.field(name).metadata or {}).get(b"unit", b"").decode() or str(units.get(name, ""))
        return StoredColumn(values.to_numpy(), np.asarray(values.is_null()), unit, "null")

    def pieces(names: Sequence[str], rows: int) -> Iterator[Piece]:
        with parquet.ParquetFile(path) as file:
            if not file.metadata.num_rows:
                yield {name: StoredColumn(np.empty(0)) for name in names}
            for batch in file.iter_batches(rows, columns=list(names)):
                table = pyarrow.Table.from_batches([batch])
                yield {name: column(name, table[name]) for name in names}

    return [StoredTable("", "", schema.names, pieces, rows, frame_cards(described.get("meta", {})))]


def hdf5_tables(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The tables of an HDF5 file: groups of data sets, as of TXPipe, and data sets of records, as of astropy."""
    tables, records = {}, {}
    with h5py.File(path) as file:
        groups = {"": file}
        file.visititems(lambda name, item: groups.update({name: item}) if isinstance(item, h5py.Group) else None)
        for group_name, group in groups.items():
            found = {name: item for name, item in group.items() if isinstance(item, h5py.Dataset) and item.ndim > 0}
            records |= {i.name.strip("/"): (i.dtype.names, len(i)) for i in found.values() if i.dtype.names}
            lengths = {name: len(item) for name, item in found.items() if not item.dtype.names}
            if lengths:
                tables[group_name] = lengths

    def column(data, start, stop):
        unit = data.attrs.get("unit", data.attrs.get("units", ""))
        values = data.asstr()[start:stop] if h5py.check_string_dtype(data.dtype) else data[start:stop]
        return StoredColumn(values, unit=unit.decode() if isinstance(unit, bytes) else str(unit))

    def pieces(group_name: str, names: Sequence[str], rows: int) -> Iterator[Piece]:
        length = same_length(path, {name: tables[group_name][name] for name in names})
        with h5py.File(path) as file:
            for start in range(0, max(length, 1), rows):
                yield {name: column(file[f"{group_name}/{name}"], start, start + rows) for name in names}

    def of_records(record: str, names: Sequence[str], rows: int) -> Iterator[Piece]:
        yield from _astropy_table(Table.read(path, format="hdf5", path=record)).pieces(names, rows)

    found = [
        StoredTable("", name, names, partial(of_records, name), length) for name, (names, length) in records.items()
    ]
    # Units and masks of records stand in a data set beside them, which is none of the columns.
    described = {f"{name}.{META_KEY}" for name in records}
    for name, lengths in tables.items():
        columns = {key: length for key, length in lengths.items() if f"{name}/{key}".strip("/") not in described}
        rows = next(iter(columns.values())) if len(set(columns.values())) == 1 else None
        found += [StoredTable("", name, list(columns), partial(pieces, name), rows)] if columns else []
    return found


# A path and the names of wanted columns to the tables of a file; nothing is read of them yet where that can wait.
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
