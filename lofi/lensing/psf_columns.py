"""The point-spread function at each galaxy, from the columns that a catalogue has of it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lofi.lensing.tables.columns import Column

ELLIPTICITY, MOMENTS = ("psf_e1", "psf_e2"), ("psf_11", "psf_22", "psf_12")


def psf_columns(path: Path, columns: Mapping[str, Column]) -> dict[str, Column]:
    """The columns to be read: ellipticities, else all second moments, and the size; ValueError for a part of them."""
    found = {key: columns[key] for key in (*ELLIPTICITY, "psf_size", *MOMENTS) if columns.get(key) is not None}
    for group in (ELLIPTICITY, MOMENTS):
        missing = [key for key in group if key not in found]
        if missing and len(missing) < len(group):
            raise ValueError(
                f"the columns given for '{path}' lack {missing}; expected all of {', '.join(group)}, or none"
            )
    return found


def psf_of(table: Mapping[str, np.ndarray], e1_sign: int, e2_sign: int) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Complex ellipticity (n,) and size (n,), either None; the moments' are `(Q11 − Q22 + 2i Q12) / (Q11 + Q22)`."""
    size = table.get("psf_size")
    if all(key in table for key in ELLIPTICITY):
        e1, e2 = (table[key] for key in ELLIPTICITY)
    elif all(key in table for key in MOMENTS):
        q11, q22, q12 = (table[key] for key in MOMENTS)
        trace = q11 + q22
        e1, e2 = (q11 - q22) / trace, 2 * q12 / trace
        size = trace if size is None else size
    else:
        return None, size
    return e1_sign * e1 + 1j * e2_sign * e2, size
