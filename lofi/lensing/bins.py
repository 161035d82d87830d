"""Bins of galaxies that are calibrated together: of redshift, or cells of the sky."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

MOST = 100_000  # bins; more values of a column are no bins


@dataclass(frozen=True)
class Bins:
    """Bins by one column: between edges, or, without edges, a bin for each whole number that the column holds.

    text : as the option `--bins` gives it.
    """

    column: str
    edges: tuple[float, ...] | None
    text: str

    def assign(self, path: Path, values: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, list[str]]:
        """Number of the bin (n,) of each value, −1 outside all of them, and the bins' names for messages.

        Raises ValueError where a bin has no galaxy of positive weight, and for values that are no bins.
        """
        if self.edges is None:
            index, names = self._numbered(path, values)
        else:  # the upper edge belongs to the bin, as in KiDS
            index = np.searchsorted(self.edges, values, side="left") - 1
            index[(index >= len(self.edges) - 1) | ~np.isfinite(values)] = -1
            names = [f"{low:g} to {high:g}" for low, high in zip(self.edges, self.edges[1:], strict=False)]
        inside = index >= 0
        total = np.bincount(index[inside], np.nan_to_num(weight[inside]), minlength=len(names))
        if not (total > 0).all():
            name = names[int(np.argmin(total > 0))]
            raise ValueError(f"'{path}' has no galaxy of positive weight in the bin {name} of '{self.column}' (--bins)")
        return index, names

    def _numbered(self, path, values):
        known = np.isfinite(values)
        numbers = np.unique(values[known])
        if len(numbers) > MOST or (numbers != np.rint(numbers)).any():
            raise ValueError(
                f"column '{self.column}' of '{path}' does not number bins; give their edges, --bins "
                f"{self.column}=LOW,…,HIGH"
            )
        index = np.full(len(values), -1)
        index[known] = np.searchsorted(numbers, values[known])
        return index, [f"{number:g}" for number in numbers]


def parse_bins(path: Path, text: str) -> Bins:
    """Bins of the option `--bins`, `COLUMN` or `COLUMN=EDGE,EDGE,…`; ValueError for edges that do not rise."""
    column, equals, listed = text.partition("=")
    expected = f"bins of '{path}' are {text!r}; expected COLUMN, or COLUMN=EDGE,EDGE,… with rising edges"
    if not column.strip():
        raise ValueError(expected)
    if not equals:
        return Bins(column.strip(), None, text)
    try:
        edges = tuple(float(edge) for edge in listed.split(","))
    except ValueError as error:
        raise ValueError(expected) from error
    if len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise ValueError(expected)
    return Bins(column.strip(), edges, text)


def listed(names: Sequence[str], values: Sequence[str]) -> str:
    """Values of bins for a note: all of a few, else the number of bins and the extremes."""
    if len(names) > 10:
        return f"{min(values, key=float)} to {max(values, key=float)} in {len(names)} bins"
    return ", ".join(f"{value} ({name})" if name else value for name, value in zip(names, values, strict=True))
