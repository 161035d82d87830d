"""Which rows of a catalogue can be used: what is wrong with the others is counted piece by piece, and judged once."""

import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lofi.lensing.bins import BinCounts, Bins
from lofi.lensing.tables.implausible import marks
from lofi.lensing.tangent_plane import unit_vectors

WAY_OUT = "drop_invalid, or --drop-invalid, leaves these rows out"
LARGEST_SAMPLE = 1 << 20  # positions that tell how wide a catalogue is; of a larger one every second, fourth, …
LISTED = 3  # numbers of a column that mark missing values, named in a message

Table = Mapping[str, np.ndarray]


class Rows:
    """The rows of a catalogue without missing and impossible values.

    Parameters
    ----------
    path : of the catalogue, for messages. bins : of the option `--bins`; None without it.
    """

    def __init__(self, path: Path, bins: Bins | None, *, drop_invalid: bool) -> None:
        self._path, self._bins, self._drop_invalid = path, bins, drop_invalid
        self._in_bins = None if bins is None else BinCounts(path, bins)
        self._labels: dict[str, str] = {}
        self._counts = Counter()
        self._least_weight = np.inf
        self._missing: Counter[tuple[str, str]] = Counter()
        self._marked: Counter[tuple[str, float]] = Counter()
        self._ranges: dict[str, list[float]] = {}
        self.sample = Sample()

    def scan(self, table: Table, labels: Mapping[str, str]) -> None:
        """Count what is wrong with the rows (n,) of a piece; `labels` name its columns."""
        self._labels |= {key: max(label, self._labels.get(key, ""), key=len) for key, label in labels.items()}
        self._counts["rows"] += len(table["ra"])
        if self._in_bins is not None:
            self._in_bins.add(table["bin"], table.get("weight", np.ones(len(table["ra"]))))
        table = self.usable(table)
        self._note_ranges(table)
        self.sample.add(unit_vectors(table["ra"], table["dec"]))

    def usable(self, table: Table) -> dict[str, np.ndarray]:
        """Those rows of a piece that can be used, with their weight; the others are counted."""
        table = {"weight": np.ones(len(table["ra"]))} | dict(table)
        if self._in_bins is not None:
            table = _kept(table, self._in_bins.inside(table["bin"]))
        self._counts["in bins"] += len(table["ra"])
        return self._valid(self._weighted(table))

    def _weighted(self, table):
        """The rows of positive weight: the others are no part of the catalogue, whatever they hold."""
        weight = np.where(marks("weight", table["weight"]), np.nan, table["weight"])
        bad = ~np.isfinite(weight)
        self._counts["bad weights"] += np.count_nonzero(bad)
        self._counts["negative weights"] += np.count_nonzero(weight < 0)
        self._counts["positive weights"] += np.count_nonzero(weight > 0)
        self._least_weight = np.fmin.reduce(weight, initial=self._least_weight)
        return _kept(table | {"weight": weight}, bad | (weight > 0))

    def _valid(self, table):
        """The rows without missing values: NaN, inf, and numbers such as −99 that mark them."""
        finite = {key: np.isfinite(values) for key, values in table.items()}
        marked = {key: marks(key, values) for key, values in table.items()}
        good = np.ones(len(table["ra"]), bool)
        for key, values in table.items():
            good &= finite[key] & ~marked[key]
            self._missing[key] += np.count_nonzero(~finite[key])
            found, counts = np.unique(values[marked[key] & finite[key]], return_counts=True)
            for number, count in zip(found[:LISTED].tolist(), counts[:LISTED].tolist(), strict=True):
                self._marked[key, number] += count
        self._counts["weighted"] += len(good)
        self._counts["invalid"] += np.count_nonzero(~good)
        return table if good.all() else _kept(table, good)

    def _note_ranges(self, table):
        for key, low, high in (("ra", -180.0, 360.0), ("dec", -90.0, 90.0)):
            values = table[key]
            if len(values):
                lowest, highest, outside = self._ranges.get(key, (np.inf, -np.inf, 0))
                outside += np.count_nonzero((values < low) | (values > high))
                self._ranges[key] = [min(lowest, values.min()), max(highest, values.max()), outside]

    def judge(self, select: str | None) -> tuple[Bins | None, list[str]]:
        """The bins, their numbers known, and notes; ValueError, one sentence, where the catalogue is refused."""
        path, counts, notes = self._path, self._counts, []
        if counts["rows"] == 0:
            raise ValueError(f"'{path}' has no rows" + (f" where {select}" if select else ""))
        bins = None if self._in_bins is None else self._in_bins.bins()
        outside = counts["rows"] - counts["in bins"]
        if outside:
            notes.append(f"bins {bins.text}: {outside} of {counts['rows']} rows outside left out")
        self._judge_weights()
        self._judge_values(notes)
        for key, low, high in (("dec", -90.0, 90.0), ("ra", -180.0, 360.0)):
            lowest, highest, wrong = self._ranges[key]
            if wrong:
                raise ValueError(
                    f"column {self._labels[key]} of '{path}' goes from {lowest:g} to {highest:g}, outside {low:g}° to "
                    f"{high:g}° in {wrong} of {counts['weighted'] - counts['invalid']} rows; expected {key} in degrees"
                )
        return bins, notes

    def _judge_weights(self):
        counts, rows = self._counts, self._counts["in bins"]
        column = f"column {self._labels.get('weight', 'weight')} of '{self._path}'"
        if counts["bad weights"] and not self._drop_invalid:
            raise ValueError(
                f"{column} is NaN, inf or missing in {counts['bad weights']} of {rows} rows; expected finite weights "
                f"({WAY_OUT})"
            )
        if counts["negative weights"]:
            raise ValueError(
                f"{column} is negative in {counts['negative weights']} of {rows} rows (least {self._least_weight:g}); "
                "expected weights ≥ 0"
            )
        if not counts["positive weights"]:
            raise ValueError(
                f"all {rows} weights (column {self._labels.get('weight', 'weight')}) of '{self._path}' are zero"
            )

    def _judge_values(self, notes):
        bad, rows = self._counts["invalid"], self._counts["weighted"]
        if not bad:
            return
        listed = []
        for key in self._missing:
            if self._missing[key]:
                listed.append(f"{self._labels[key]}: {self._missing[key]}")
            numbers = sorted(number for other, number in self._marked if other == key)
            listed += [f"{self._labels[key]} = {number:g}: {self._marked[key, number]}" for number in numbers[:LISTED]]
        found = f"'{self._path}' has {bad} of {rows} rows with NaN or inf or missing values ({', '.join(listed)})"
        if not self._drop_invalid:
            raise ValueError(f"{found}; expected finite numbers ({WAY_OUT})")
        if bad == rows:
            raise ValueError(f"{found}: no row is left")
        leave_out(found, notes)


class Near:
    """The rows of a catalogue whose positions do not stretch the field tenfold, and whose ellipticities are believed.

    Parameters
    ----------
    middle, limit : as of `lofi.lensing.tables.implausible.surroundings`.
    """

    def __init__(
        self, path: Path, middle: np.ndarray, limit: float, max_ellipticity: float, *, drop_invalid: bool
    ) -> None:
        self._path, self._max_ellipticity, self._drop_invalid = path, max_ellipticity, drop_invalid
        self._middle, self._limit = middle, limit
        self._counts = Counter()
        self._first, self._largest = None, 0.0

    def rows(self, table: Table) -> Table:
        """Those rows (n,) of a piece, and how many others, counted."""
        self._counts["rows"] += len(table["ra"])
        if np.isfinite(self._limit):
            distance = np.linalg.norm(unit_vectors(table["ra"], table["dec"]) - self._middle, axis=1)
            far = distance > self._limit
            if far.any():
                self._counts["far"] += np.count_nonzero(far)
                self._first = self._first or (table["ra"][far][0], table["dec"][far][0])
                table = _kept(table, ~far)
        modulus = np.hypot(table["e1"], table["e2"])
        self._counts["near"] += len(modulus)
        self._counts["above"] += np.count_nonzero(modulus > self._max_ellipticity)
        self._largest = modulus.max(initial=self._largest)
        return table

    def judge(self) -> list[str]:
        """Notes; ValueError, one sentence, where the catalogue is refused."""
        path, counts, notes = self._path, self._counts, []
        if counts["far"]:
            found = (
                f"'{path}' has {counts['far']} of {counts['rows']} galaxies more than ten times farther out than "
                f"nearly all others (the first at ra {self._first[0]:g}, dec {self._first[1]:g})"
            )
            if not self._drop_invalid:
                raise ValueError(f"{found}; repair or remove them ({WAY_OUT})")
            leave_out(found, notes)
        if counts["above"]:
            raise ValueError(
                f"'{path}' has {counts['above']} of {counts['near']} galaxies with |e| > {self._max_ellipticity:g} "
                f"(largest {self._largest:.4g}); give them weight 0, or raise max_ellipticity if the estimator allows "
                "such values (KSB, metacalibration)"
            )
        return notes


class Sample:
    """Every k-th of the rows that are added, k the least power of two for which they are few enough."""

    def __init__(self) -> None:
        self._step, self._seen = 1, 0
        self._kept: list[np.ndarray] = []

    def add(self, rows: np.ndarray) -> None:
        """Add rows (n, …)."""
        self._kept.append(rows[-self._seen % self._step :: self._step])
        self._seen += len(rows)
        while sum(map(len, self._kept)) > LARGEST_SAMPLE:
            self._kept = [np.concatenate(self._kept)[::2]]
            self._step *= 2

    @property
    def rows(self) -> np.ndarray:
        """The sample (m, …)."""
        return np.concatenate(self._kept)


def leave_out(found: str, notes: list[str]) -> None:
    """Note and warn of rows that are left out; `found` says '`file` has rows …'."""
    notes.append(f"{found.partition(' has ')[2]}: left out")
    warnings.warn(f"{found}; these rows are left out", stacklevel=4)


def _kept(table, keep):
    return {key: values[keep] for key, values in table.items()}
