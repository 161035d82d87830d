"""The columns of a HEALPix table in a user's file: missing values NaN, units taken away."""

from collections.abc import Sequence

import numpy as np
from astropy.io import fits

from lofi.io import healsparse_map
from lofi.io.healpix import MASKED
from lofi.lensing.shear_file import HEALSPARSE, ShearFile
from lofi.lensing.tables.fits_table import fits_column
from lofi.lensing.tables.units import shear_scale


def read_table(
    file: ShearFile, pairs: Sequence[tuple[str, str]], hdu: str | None = None
) -> tuple[fits.Header, dict[str, np.ndarray], list[str]]:
    """Header, columns {upper-case name: float64 (n,)} and notes of the HEALPix table of a file.

    UNSEEN and TNULL become NaN, of shear and its noise BAD_DATA, too. A percent is divided by 100.

    Parameters
    ----------
    pairs : names of both columns of shear; a table has one pair to count. hdu : number or name of the table.

    Raises ValueError, which lists them, where several tables hold shear, and for columns with another unit.
    """
    if any(other.header.get("PIXTYPE", "") == HEALSPARSE for other in file.hdus):
        return _sparse_table(file)
    numbered = [(number, other) for number, other in file.chosen(hdu) if other.header.get("PIXTYPE") == "HEALPIX"]
    if not numbered:
        raise ValueError(f"'{file.path}': the HDU {hdu} is no HEALPix table")
    with_shear = [(n, t) for n, t in numbered if any({a, b} <= {x.upper() for x in t.columns.names} for a, b in pairs)]
    if len(with_shear) > 1:
        listed = ", ".join(f"{number} {table.name}".strip() for number, table in with_shear)
        raise ValueError(f"'{file.path}' has several HEALPix tables with shear: {listed}; choose one with --hdu")
    number, table = (with_shear or numbered)[0]
    bad = _bad_data(file.path, table.header)
    shear = {name for pair in pairs for name in pair} | {"NOISE_STD"}
    columns, notes = {}, [f"table {number} {table.name}".strip()] if len(numbered) > 1 or hdu is not None else []
    for name in table.columns.names:
        column = fits_column(table, name)
        values = np.asarray(column.values, np.float64).ravel()
        missing = values <= MASKED
        if column.missing is not None:
            missing |= column.missing.ravel()
        if bad is not None and name.upper() in shear:
            missing |= np.isclose(values, bad, rtol=1e-6, atol=0)
        scale, unit_notes = (
            (1.0, []) if name.upper() not in shear else shear_scale(f"{name} of '{file.path}'", column.unit)
        )
        columns[name.upper()] = np.where(missing, np.nan, scale * values)
        notes += unit_notes
    return table.header, columns, notes


def _bad_data(path, header):
    try:
        return float(header["BAD_DATA"]) if "BAD_DATA" in header else None
    except (TypeError, ValueError):
        raise ValueError(f"'{path}' has BAD_DATA {header['BAD_DATA']!r}; expected a number") from None


def _sparse_table(file):
    """The same of a healsparse map, whose fields have neither units nor other marks than UNSEEN and NaN."""
    header, columns = healsparse_map.read(file.path)
    found = {name.upper(): np.asarray(values, np.float64) for name, values in columns.items()}
    return header, {name: np.where(values <= MASKED, np.nan, values) for name, values in found.items()}, []
