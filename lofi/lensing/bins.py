"""Bins of galaxies that are calibrated together: of redshift, or cells of the sky."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

MOST = 100_000  # bins; more values of a column are no bins
INFINITE = "1e999"  # as a number of a selection, where inf would be a column


@dataclass(frozen=True)
class Bins:
    """Bins by one column: ranges of it, or, without ranges, a bin for each whole number ≥ 0 that it holds.

    ranges : above the lower, up to the upper edge, as in KiDS; they rise and do not overlap. Edges are rounded up to
        single precision where it rounds up, so that 0.3 is in the same bin in columns of either precision.
    text : as the option `--bins` gives it. numbers : those of the column, once they are known (`BinCounts`).
    """

    column: str
    ranges: tuple[tuple[float, float], ...] | None
    text: str
    numbers: tuple[float, ...] = ()

    @property
    def names(self) -> list[str]:
        """Of the bins, for messages."""
        if self.ranges is None:
            return [f"{number:g}" for number in self.numbers]
        return [f"{low:g} to {high:g}" for low, high in self.ranges]

    @property
    def selections(self) -> list[str]:
        """An expression for the rows of each bin (`lofi.lensing.tables.selection`)."""
        if self.ranges is None:
            return [f"{self.column} == {number:.0f}" for number in self.numbers]
        return [
            f"{self.column} > {_written(low)} & {self.column} {'<=' if high < np.inf else '<'} {_written(high)}"
            for low, high in self.ranges
        ]

    def index(self, values: np.ndarray) -> np.ndarray:
        """Number of the bin (n,) of each value, −1 outside all of them."""
        if self.ranges is None:
            index = np.searchsorted(self.numbers, values)
            index[np.append(self.numbers, np.nan)[index] != values] = -1
            return index
        low, high = np.transpose(self.ranges)
        index = np.searchsorted(low, values, side="left") - 1
        index[(values > high[index]) | ~np.isfinite(values)] = -1
        return index


class BinCounts:
    """The weight in each bin of a catalogue, counted piece by piece: it tells which whole numbers there are."""

    def __init__(self, path: Path, bins: Bins, option: str = "--bins") -> None:
        self._path, self._bins, self._option = path, bins, option
        self._sums: dict[float, np.ndarray] = {}

    def inside(self, values: np.ndarray) -> np.ndarray:
        """Bool (n,): values in some bin."""
        if self._bins.ranges is not None:
            return self._bins.index(values) >= 0
        return np.isfinite(values) & (values >= 0)  # negative numbers mark galaxies that are in no bin

    def add(self, values: np.ndarray, weight: np.ndarray) -> None:
        """Count galaxies; ValueError for values that number no bins."""
        inside = self.inside(values)
        values, weight = values[inside], np.nan_to_num(weight[inside])
        keys, place = np.unique(values if self._bins.ranges is None else self._bins.index(values), return_inverse=True)
        sums = [np.bincount(place, summands, minlength=len(keys)) for summands in (weight, weight * values)]
        for key, added in zip(keys.tolist(), np.transpose(sums), strict=True):
            self._sums[key] = self._sums.get(key, 0.0) + added
        if self._bins.ranges is None and (len(self._sums) > MOST or (keys != np.rint(keys)).any()):
            raise ValueError(
                f"column '{self._bins.column}' of '{self._path}' does not number bins; give their edges, "
                f"{self._option} {self._bins.column}=LOW,…,HIGH"
            )

    def bins(self) -> Bins:
        """The bins, their numbers known; ValueError where one has no galaxy of positive weight."""
        found = replace(self._bins, numbers=tuple(sorted(self._sums)) if self._bins.ranges is None else ())
        if not found.names:
            raise ValueError(
                f"'{self._path}' has no galaxy in a bin: '{found.column}' has no whole number ≥ 0 ({self._option})"
            )
        for name, weight in zip(found.names, self.sums(found)[0], strict=True):
            if not weight > 0:
                raise ValueError(
                    f"'{self._path}' has no galaxy of positive weight in the bin {name} of '{found.column}' "
                    f"({self._option})"
                )
        return found

    def sums(self, bins: Bins) -> np.ndarray:
        """Sums (2, bins) of the weights, and of weight times value, in the bins that `bins` found."""
        keys = bins.numbers if bins.ranges is None else range(len(bins.names))
        return np.transpose([self._sums.get(key, np.zeros(2)) for key in keys]).reshape(2, -1)


def parse_bins(path: Path, text: str, option: str = "--bins") -> Bins:
    """Bins of an option, `COLUMN`, `COLUMN=EDGE,EDGE,…` or `COLUMN=LOW:HIGH,LOW:HIGH,…`.

    Raises ValueError for edges and ranges that do not rise, and for ranges that overlap.
    """
    column, equals, edges = text.partition("=")
    expected = (
        f"{option.lstrip('-')} of '{path}' are {text!r}; expected COLUMN, or COLUMN=EDGE,EDGE,… with rising edges, or "
        "COLUMN=LOW:HIGH,LOW:HIGH,…"
    )
    if not column.strip():
        raise ValueError(expected)
    if not equals:
        return Bins(column.strip(), None, text)
    try:
        if ":" in edges:
            ranges = [tuple(map(_edge, part.split(":"))) for part in edges.split(",")]
        else:
            numbers = [_edge(edge) for edge in edges.split(",")]
            ranges = list(pairwise(numbers))
    except ValueError as error:
        raise ValueError(expected) from error
    if not ranges or not all(len(found) == 2 and found[0] < found[1] for found in ranges):
        raise ValueError(expected)
    for (low, high), (after, last) in pairwise(ranges):
        if last <= low:
            raise ValueError(
                f"the bins {low:g} to {high:g} and {after:g} to {last:g} of '{path}' do not rise ({option} {text}); "
                "expected the lowest first, in the order of m, c1, c2 and n(z)"
            )
        if after < high:
            raise ValueError(
                f"the bins {low:g} to {high:g} and {after:g} to {last:g} of '{path}' share galaxies ({option} {text}); "
                "expected ranges that do not overlap"
            )
    return Bins(column.strip(), tuple(ranges), text)


def _written(edge):
    return repr(edge).replace("inf", INFINITE)


def _edge(text):
    value = float(text)
    with np.errstate(over="ignore"):
        return max(value, float(np.float32(value)))


def listed(names: Sequence[str], values: Sequence[str]) -> str:
    """Values of bins for a note: all of a few, else the number of bins and the extremes."""
    if len(names) > 10:
        return f"{min(values, key=float)} to {max(values, key=float)} in {len(names)} bins"
    return ", ".join(f"{value} ({name})" if name else value for name, value in zip(names, values, strict=True))
