"""A table as a file stores it: its columns with their units and missing values, before anything is converted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from lofi.io.user_file import reading

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


Piece = Mapping[str, StoredColumn]  # some rows of columns, by their names


@dataclass(frozen=True)
class StoredTable:
    """One table of a file.

    Attributes
    ----------
    number, name : place in the file and name, either may be empty. names : of the columns.
    pieces : columns of these names, in pieces of at most so many rows; at least one, which may be empty.
    rows : of the table; None where only reading tells. header : what the file says about all columns (FITS cards).
    constants : single numbers beside the columns (npz).
    """

    number: str
    name: str
    names: Sequence[str]
    pieces: Callable[[Sequence[str], int], Iterator[Piece]]
    rows: int | None = None
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

    def read(self, path: Path, names: Sequence[str], rows: int) -> Iterator[Piece]:
        """The columns that `names` mean, at most `rows` rows at a time; ValueError for a part that one does not have.

        path : for messages, which `lofi.io.user_file.reading` makes of whatever goes wrong.
        """
        found = {name: self.find(name) for name in names}
        pieces = iter(self.pieces(list(dict.fromkeys(base for base, _ in found.values())), rows))
        while True:
            with reading(path):
                piece = next(pieces, None)
            if piece is None:
                return
            yield {name: _part(path, base, part, piece[base]) for name, (base, part) in found.items()}


def _part(path, name, part, stored):
    if part is None:
        return stored
    values = np.asarray(stored.values)
    if values.ndim != 2 or part >= values.shape[1]:
        shape = values.shape[1:] or "one number"
        raise ValueError(f"'{path}': column '{name}' holds {shape} a row; it has no part {part}")
    missing = stored.missing if stored.missing is None or stored.missing.ndim == 1 else stored.missing[:, part]
    return replace(stored, values=values[:, part], missing=missing)


def same_length(path: Path, lengths: Mapping[str, int]) -> int:
    """The length of all columns; ValueError where they differ."""
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the columns of '{path}' have different lengths: {dict(lengths)}")
    return next(iter(lengths.values()))


def frame_cards(header: Mapping) -> dict:
    """Those cards of a header, or entries of a table's description, that state the frame of its positions."""
    return {key: header[key] for key in ("RADESYS", "RADECSYS", "EQUINOX", "EPOCH") if key in header}
