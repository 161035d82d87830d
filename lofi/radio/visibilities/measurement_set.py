"""Visibilities in Measurement Sets.

Sign. With `V = sum I exp(-2 pi i (u l + v m + w (n - 1)))` the column UVW holds -(u, v, w) in metres.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.constants import speed_of_light

from lofi.radio.visibilities.hands import hands_notes, intensity_hands, total_intensity
from lofi.radio.visibilities.ms_selection import Selection
from lofi.radio.visibilities.ms_tables import opened
from lofi.radio.visibilities.ms_weights import weight_column, weights
from lofi.radio.visibilities.visibilities import Visibilities, good_samples, joined

BLOCK = 1_000_000  # numbers of a column that are read at a time
WINDOW_STRIDE = 100_000  # between the channel numbers of spectral windows


def read_measurement_set(path: str | Path, selection: Selection | None = None) -> Visibilities:
    """`Visibilities` of one field of a Measurement Set: Stokes I of all rows, windows and channels of a selection.

    Samples with FLAG or FLAG_ROW are left out, and so are autocorrelations. The noise: `ms_weights`.

    Raises ValueError where the folder is no Measurement Set, the selection does not fit, or no good sample is left.
    """
    path = Path(path)
    with opened(path, selection or Selection()) as observation:
        parts, notes = [], [f"field {observation.field}, column {observation.column}"]
        for window in observation.windows:
            columns, window_notes = _columns(path, observation, window)
            if (columns["weights"] > 0).any():
                part = good_samples(f"{path}, spectral window {window.label}", **columns)
                parts.append(replace(part, notes=()))
                window_notes += part.notes
            notes += [f"spectral window {window.label}: {note}" for note in window_notes]
    if not parts:
        raise ValueError(f"{path}: field {observation.field} has no good visibility: all are flagged or without weight")
    header = {"object": observation.name, "telescope": observation.telescope, "date": observation.date}
    return replace(joined(path, parts), centre=observation.centre, notes=tuple(notes), **header)


def _columns(path, observation, window):
    """What `good_samples` takes of a spectral window, flagged samples with weight 0, and notes."""
    rows = observation.main.selectrows(window.rows)
    noise = weight_column(rows)
    if noise is None:
        raise ValueError(
            f"{path}: the weights of spectral window {window.label} are all 0 or 1, so they were never set; set them "
            "with CASA statwt"
        )
    shape = len(window.rows), len(window.frequency)
    values, weight, single = np.empty(shape, np.complex64), np.empty(shape, np.float32), 0
    hands = intensity_hands(f"{path}, spectral window {window.label}", window.codes)
    block = max(BLOCK // (shape[1] * len(window.codes)), 1)
    for start in range(0, shape[0], block):
        part = slice(start, min(start + block, shape[0]))
        samples = _samples(rows, observation.column, window, part)
        sample_weights = _weights(rows, noise, window, part, samples.shape)
        values[part], weight[part], count = total_intensity(samples, sample_weights, hands)
        single += count
    antennas = {name.lower(): rows.getcol(name) for name in ("ANTENNA1", "ANTENNA2")}
    _check_antennas(path, antennas, observation.antennas)
    columns = antennas | {
        **dict(zip("uvw", -rows.getcol("UVW").T[..., None] * (window.frequency / speed_of_light), strict=True)),
        "values": values,
        "weights": weight,
        "flags": np.zeros(shape, bool),
        "frequency": window.frequency,
        "time": rows.getcol("TIME"),
        "channel": WINDOW_STRIDE * window.description + np.arange(window.first, window.last + 1),
        "bandwidth": _bandwidth(window),
    }
    return columns, [f"noise of {noise}", *hands_notes(hands, single)]


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
    largest = max(int(numbers.max()) for numbers in antennas.values())
    if largest >= known:
        raise ValueError(f"{path}: rows name antenna {largest}, the table ANTENNA has {known}")


def _bandwidth(window):
    edges = np.stack([window.frequency - window.width / 2, window.frequency + window.width / 2])
    return float(np.ptp(edges))
