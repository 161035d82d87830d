"""Arrays of npz files, read piece by piece from the archive."""

import math
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from lofi.lensing.tables.stored import Piece, StoredColumn, StoredTable, same_length


def npz_tables(path: Path, wanted: Sequence[str]) -> list[StoredTable]:
    """The arrays of an npz file as one table; single numbers are its constants."""
    shapes, constants = {}, {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            name = member.removesuffix(".npy")
            with archive.open(member) as stream:
                shape, _, dtype = _header(stream)
                if shape:
                    shapes[name] = shape
                elif dtype.kind in "fiu":
                    constants[name] = float(np.frombuffer(stream.read(dtype.itemsize), dtype)[0])

    def pieces(names: Sequence[str], rows: int) -> Iterator[Piece]:
        length = same_length(path, {name: shapes[name][0] for name in names})
        with zipfile.ZipFile(path) as archive:
            arrays = {name: _parts(archive, name, rows) for name in names}
            for _ in range(0, max(length, 1), rows):
                yield {name: StoredColumn(next(parts)) for name, parts in arrays.items()}

    lengths = {shape[0] for shape in shapes.values()}
    return [StoredTable("", "", list(shapes), pieces, lengths.pop() if len(lengths) == 1 else None, {}, constants)]


def _parts(archive, name, rows):
    """An array, at most `rows` rows at a time."""
    with archive.open(f"{name}.npy") as stream:
        shape, fortran, dtype = _header(stream)
        if dtype.hasobject:
            raise ValueError(f"the array '{name}' holds Python objects; expected numbers or text")
        row = math.prod(shape[1:])
        for start in range(0, max(shape[0], 1), shape[0] or 1 if fortran and len(shape) > 1 else rows):
            count = shape[0] if fortran and len(shape) > 1 else min(rows, shape[0] - start)
            packed = stream.read(count * row * dtype.itemsize)
            if len(packed) < count * row * dtype.itemsize:
                raise ValueError(f"the array '{name}' is shorter than its header says")
            values = np.frombuffer(packed, dtype)
            if fortran and len(shape) > 1:  # rows are scattered over the array: it is read whole
                whole = values.reshape(shape, order="F")
                yield from (whole[first : first + rows] for first in range(0, max(shape[0], 1), rows))
            else:
                yield values.reshape(count, *shape[1:])


def _header(stream):
    """Shape, whether columns come first, and type, of an array in NumPy's format."""
    version = np.lib.format.read_magic(stream)
    of_version = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    return of_version(stream)
