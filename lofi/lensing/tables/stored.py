"""A table as a file stores it: its columns with their units and missing values, before anything is converted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

MISSING_WORDS = (
    "",
    "\\N",
    "null",
    "NULL",
    "Null",
    "None",
    "none",
    "NA",
    "N/A",
    "n/a",
    "nan",
    "NaN",
    "NAN",
    "--",
    "...",
)


def is_number(word: str) -> bool:
    """Whether a word is a finite number."""
    try:
        return bool(np.isfinite(float(word)))
    except ValueError:
        return False


@dataclass(frozen=True)
class StoredColumn:
    """Values of one column.

    Attributes
    ----------
    values : (n,) or (n, k) numbers or text. missing : bool (n,) or None: rows without a value.
    unit : as the file writes it; empty if it does not. null : how missing values are marked, for messages.
    frame : cards (RADESYS, EQUINOX) of the coordinate system that the column names, where a file has several.
    """

    values: np.ndarray
    missing: np.ndarray | None = None
    unit: str = ""
    null: str = ""
    frame: Mapping = field(default_factory=dict)


@dataclass(frozen=True)
class StoredTable:
    """One table of a file.

    Attributes
    ----------
    number, name : place in the file and name, either may be empty. names : of the columns.
    read : a `StoredColumn` by one of the names. header : what the file says about all columns (FITS cards).
    constants : single numbers beside the columns (npz).
    """

    number: str
    name: str
    names: Sequence[str]
    read: Callable[[str], StoredColumn]
    header: Mapping = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Number and name, for messages."""
        return f"{self.number} {self.name}".strip() or "the table"

    def find(self, name: str) -> tuple[str, int | None] | None:
        """The column that `name` means, `shear[0]` a part of a vector column, and the part; None without it.

        Upper and lower case count only where two columns differ in nothing else, as in FITS.
        """
        base, part = name, None
        if name not in self.names and name.endswith("]") and name.rpartition("[")[2][:-1].isdigit():
            base, _, number = name.rpartition("[")
            part = int(number[:-1])
        matches = [base] if base in self.names else [known for known in self.names if known.lower() == base.lower()]
        return (matches[0], part) if len(matches) == 1 else None

    def column(self, path: Path, name: str) -> StoredColumn:
        """The column that `name` means; ValueError for a part that it does not have."""
        found, part = self.find(name)
        stored = self.read(found)
        if part is None:
            return stored
        values = np.asarray(stored.values)
        if values.ndim != 2 or part >= values.shape[1]:
            shape = values.shape[1:] or "one number"
            raise ValueError(f"'{path}': column '{found}' holds {shape} a row; it has no part {part}")
        missing = stored.missing if stored.missing is None or stored.missing.ndim == 1 else stored.missing[:, part]
        return replace(stored, values=values[:, part], missing=missing)


def joined(path: Path, tables: Sequence[StoredTable], name: str) -> StoredColumn:
    """The column `name` of several tables, one below the other; ValueError where their units differ."""
    parts = [table.column(path, name) for table in tables]
    units = {part.unit for part in parts}
    if len(units) > 1:
        listed = ", ".join(sorted(repr(unit) for unit in units))
        raise ValueError(f"'{path}': the units of column '{name}' differ between its tables: {listed}")
    if len(parts) == 1:
        return parts[0]
    missing = None
    if any(part.missing is not None for part in parts):
        missing = np.concatenate([np.zeros(len(p.values), bool) if p.missing is None else p.missing for p in parts])
    null = next((part.null for part in parts if part.null), "")
    return replace(parts[0], values=np.concatenate([part.values for part in parts]), missing=missing, null=null)
