"""Sums over the rows of a catalogue that do not depend on where it is cut into pieces: rounding is the same.

Summands are added one by one in the order of the rows: NumPy's `sum` adds in pairs, which follow the pieces. The sums
of several files are those of each, added in their order, so that files can be summed apart (`lofi.lensing.parts`).
"""

from collections.abc import Iterable

import numpy as np


class OrderedSums:
    """Sums (count,) of values by the number of their bin or pixel."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._sums: dict[str, np.ndarray] = {}

    def add(self, index: np.ndarray, **values: np.ndarray | float) -> None:
        """Add values (n,), or one number each, to the sums of their names; `index` (n,) is from 0 to count − 1."""
        for name, summands in values.items():
            np.add.at(self[name], index, summands)

    def join(self, other: "OrderedSums") -> None:
        """Add the sums of other rows."""
        for name, sums in other.items():
            self[name] += sums

    def __setitem__(self, name: str, sums: np.ndarray) -> None:
        self._sums[name] = sums

    def items(self) -> Iterable[tuple[str, np.ndarray]]:
        """Names and sums (count,)."""
        return self._sums.items()

    def __getitem__(self, name: str) -> np.ndarray:
        """The sums of this name (count,), 0 before anything is added."""
        return self._sums.setdefault(name, np.zeros(self.count))

    def __contains__(self, name: str) -> bool:
        return name in self._sums

    def mean(self, name: str) -> np.ndarray:
        """Weighted mean (count,) of what was added as weight · value."""
        return self[name] / self["weight"]
