"""Tables of FITS files, read piece by piece."""

import gzip
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from astropy.io import fits

from lofi.io.fits_files import GZIP_MAGIC
from lofi.lensing.tables.stored import Piece, StoredColumn, StoredTable, frame_cards

BLOCK = 2880  # bytes, of which a FITS file is made (FITS standard 4.0, 3.1)


def fits_tables(
    path: Path, hdus: Sequence[tuple[int, fits.BinTableHDU | fits.TableHDU]], primary: fits.Header
) -> list[StoredTable]:
    """Tables of FITS HDUs with their numbers; TNULL marks missing values of any kind of column."""
    frame = frame_cards(primary)
    return [
        StoredTable(
            str(number),
            hdu.name.strip(),
            hdu.columns.names,
            partial(_pieces, path, hdu),
            hdu.header["NAXIS2"],
            frame | dict(hdu.header),
        )
        for number, hdu in hdus
    ]


def _pieces(path: Path, hdu, names: Sequence[str], rows: int) -> Iterator[Piece]:
    header, length, width = hdu.header.copy(), hdu.header["NAXIS2"], hdu.header["NAXIS1"]
    header["PCOUNT"] = 0  # the heap of variable arrays stays behind: no column that is read is one
    header.pop("THEAP", None)
    with path.open("rb") as file:
        packed = file.read(2) == GZIP_MAGIC
        file.seek(0)
        with gzip.open(file) if packed else file as stream:
            stream.seek(hdu.fileinfo()["datLoc"])
            for start in range(0, max(length, 1), rows):
                header["NAXIS2"] = count = min(rows, length - start)
                content = stream.read(count * width)
                if len(content) < count * width:
                    raise ValueError(f"'{path}' is truncated: its table ends before row {start + count} of {length}")
                padding = bytes(-len(content) % BLOCK)
                piece = type(hdu).fromstring(header.tostring().encode("ascii") + content + padding)
                yield {name: fits_column(piece, name) for name in names}


def fits_column(hdu: fits.BinTableHDU | fits.TableHDU, name: str) -> StoredColumn:
    """A column of a table whose data are in memory."""
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
