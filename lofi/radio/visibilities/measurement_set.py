"""Visibilities in Measurement Sets.

Sign. With `V = sum I exp(-2 pi i (u l + v m + w (n - 1)))` the column UVW holds -(u, v, w) in metres.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy.constants import speed_of_light

from lofi.radio.visibilities.hands import hands_notes, intensity_hands, total_intensity
from lofi.radio.visibilities.ms_selection import Selection
from lofi.radio.visibilities.ms_tables import EVERYTHING, opened
from lofi.radio.visibilities.ms_weights import weight_column, weights
from lofi.radio.visibilities.visibilities import Visibilities, good_samples

BLOCK = 1_000_000  # numbers of a column that are read at a time
WINDOW_STRIDE = 100_000  # between the channel numbers of spectral windows


@dataclass(eq=False)
class MeasurementSet:
    """One field of a Measurement Set: Stokes I of all rows, windows and channels of a selection, in pieces.

    Samples with FLAG or FLAG_ROW are left out, and so are autocorrelations. The noise: `ms_weights`. Iterating raises
    ValueError where the folder is no Measurement Set, the selection does not fit, or no good sample is left.

    Attributes
    ----------
    limit : a piece has no more samples, or one instant of a window. band : lowest and highest frequency of the channels
        that are read, Hz; a set without any gives no piece. notes : sentences; complete after the first pass.
    """

    path: Path
    selection: Selection
    limit: int
    band: tuple[float, float] = EVERYTHING
    notes: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Visibilities]:
        notes, found = [], False
        with opened(self.path, self.selection, band=self.band) as observation:
            notes.append(f"field {observation.field}, column {observation.column}")
            header = {"centre": observation.centre, "pointing": observation.pointing, "object": observation.name}
            header |= {"telescope": observation.telescope, "date": observation.date, "time_zero": 0.0}
            for window in observation.windows:
                label, counts = f"spectral window {window.label}", Counter()
                noise = _noise_column(self.path, observation, window)
                hands = intensity_hands(f"{self.path}, {label}", window.codes)
                for rows in _instants(observation.main, window, self.limit):
                    columns = _columns(self.path, observation, replace(window, rows=rows), noise, hands, counts)
                    if (columns["weights"] > 0).any():
                        found = True
                        piece = good_samples(f"{self.path}, {label}", **columns)
                        yield replace(piece, notes=(), **header)
                facts = [f"noise of {noise}", *hands_notes(hands, counts["single"])]
                if counts["flagged"]:
                    facts.append(
                        f"{counts['flagged']} of {counts['samples']} visibilities are flagged or have no positive "
                        "weight, and are left out."
                    )
                notes += [f"{label}: {fact}" for fact in facts]
        if not found and self.band == EVERYTHING:
            raise ValueError(
                f"{self.path}: field {observation.field} has no good visibility: all are flagged or without weight"
            )
        self.notes = notes


def _instants(main, window, limit):
    """Row numbers of a window in order of time, in pieces that end where the time changes."""
    times = main.getcol("TIME")[window.rows]
    order = window.rows[np.argsort(times, kind="stable")]
    times = np.sort(times)
    ends = np.append(np.flatnonzero(np.diff(times)) + 1, len(times))
    most, start = max(limit // len(window.frequency), 1), 0
    while start < len(order):
        last = np.searchsorted(ends, start + most, side="right") - 1
        end = ends[last] if last >= 0 and ends[last] > start else min(start + most, len(order))
        yield order[start:end]
        start = end


def _noise_column(path, observation, window):
    rows = observation.main.selectrows(window.rows)
    noise = weight_column(rows)
    if noise is None:
        raise ValueError(
            f"{path}: the weights of spectral window {window.label} are all 0 or 1, so they were never set; set them "
            "with CASA statwt"
        )
    return noise


def _columns(path, observation, window, noise, hands, counts):
    """What `good_samples` takes of rows of a spectral window, flagged samples with weight 0; counts are added to."""
    rows = observation.main.selectrows(window.rows)
    shape = len(window.rows), len(window.frequency)
    values, weight = np.empty(shape, np.complex64), np.empty(shape, np.float32)
    block = max(BLOCK // (shape[1] * len(window.codes)), 1)
    for start in range(0, shape[0], block):
        part = slice(start, min(start + block, shape[0]))
        samples = _samples(rows, observation.column, window, part)
        sample_weights = _weights(rows, noise, window, part, samples.shape)
        values[part], weight[part], single = total_intensity(samples, sample_weights, hands)
        counts["single"] += single
    counts["samples"] += weight.size
    counts["flagged"] += np.count_nonzero(~(weight > 0))
    antennas = {name.lower(): rows.getcol(name) for name in ("ANTENNA1", "ANTENNA2")}
    _check_antennas(path, antennas, observation.antennas)
    return antennas | {
        **dict(zip("uvw", -rows.getcol("UVW").T[..., None] * (window.frequency / speed_of_light), strict=True)),
        "values": values,
        "weights": weight,
        "flags": np.zeros(shape, bool),
        "frequency": window.frequency,
        "time": rows.getcol("TIME"),
        "channel": WINDOW_STRIDE * window.description + np.arange(window.first, window.last + 1),
        "width": np.abs(window.width),
    }


def _samples(rows, column, window, part):
    """Values (rows, channels, correlations) of a column with channels."""
    start, count = part.start, part.stop - part.start
    return rows.getcolslice(column, [window.first, 0], [window.last, len(window.codes) - 1], [], start, count)


def _weights(rows, noise, window, part, shape):
    """Weights `1 / sigma²` of samples, 0 where flagged."""
    start, count = part.start, part.stop - part.start
    stored = _samples(rows, noise, window, part) if noise.endswith("_SPECTRUM") else rows.getcol(noise, start, count)
    flags = _samples(rows, "FLAG", window, part) | rows.getcol("FLAG_ROW", start, count)[:, None, None]
    return np.where(flags, 0.0, weights(noise, stored, shape))


def _check_antennas(path, antennas, known):
    for number in (int(extreme) for numbers in antennas.values() for extreme in (numbers.min(), numbers.max())):
        if not 0 <= number < known:
            raise ValueError(f"{path}: rows name antenna {number}, the table ANTENNA has {known}")
