"""The visibilities of a model, written into a column of a Measurement Set for self-calibration."""

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from lofi.io.user_file import reading
from lofi.radio.visibilities.ms_column import NEW, TILE, check_column, replaced_column
from lofi.radio.visibilities.ms_selection import Selection
from lofi.radio.visibilities.ms_tables import opened

BLOCK = 4_000_000  # numbers of a column that are written at a time
TOTAL_INTENSITY = (1, -1, -2, -5, -6)  # I, RR, LL, XX, YY; all others are 0 for an unpolarised model

# Stokes I in Jy, complex (n, C), of baselines (u, v, w) (n, 3) in metres, signs as in `Visibilities`, and (C,) Hz.
Model = Callable[[np.ndarray, np.ndarray], np.ndarray]


def check_predict(path: str | Path, column: str, selection: Selection | None = None) -> None:
    """Refuse, before anything is reconstructed, what `write_model` could not write; ValueError or OSError."""
    path = Path(path)
    if not (path / "table.dat").is_file():
        raise ValueError(f"{path} is no Measurement Set, so --predict cannot write to it")
    with reading(path), opened(path, selection or Selection()) as observation:
        imaged, shapes, parts = observation.column, _shapes(observation.main), _parts(path, observation.main)
    for part in parts:
        check_column(part, column, imaged)
    needed, free = sum(8 * np.prod(shape) for shape in shapes), shutil.disk_usage(path).free
    if free < needed:
        raise OSError(f"{path}: --predict {column} needs {needed / 1e9:.3g} GB, the disk has {free / 1e9:.3g} GB left")


def write_model(path: str | Path, column: str, model: Model, selection: Selection | None = None) -> list[str]:
    """Write a model's visibilities to a column, and return notes.

    All rows of the selection get them, also flagged ones and autocorrelations, in the parallel hands; cross hands
    get 0. Other rows and channels keep what the column holds, and are 0 in a new one. The column is replaced as a whole
    or, where anything fails, not at all (`ms_column`), in all parts of a multi-MS. Memory does not grow with the rows.

    Raises ValueError or OSError, one sentence.
    """
    path = Path(path)
    with opened(path, selection or Selection(), autocorrelations=True) as observation:
        windows, imaged = {window.description: window for window in observation.windows}, observation.column
        shapes, selected = _shapes(observation.main), np.zeros(observation.main.nrows(), bool)
        parts = _parts(path, observation.main)
    for part in parts:
        check_column(part, column, imaged)
    for window in windows.values():
        selected[window.rows] = True
    channels, hands = (max(sizes) for sizes in zip(*(shape[1:] for shape in shapes), strict=True))
    rows = max(BLOCK // (channels * hands), 1)
    tile = (int(np.clip(TILE // (channels * hands), 1, len(selected))), channels, hands)
    notes, first = [], 0
    with ExitStack() as replacements:
        for part in parts:
            replacement = replacements.enter_context(replaced_column(part, column, tile))
            mine = selected[first : first + replacement.main.nrows()]
            for start in range(0, len(mine), rows):
                _write_block(part, replacement, start, mine[start : start + rows], windows, model)
            first += len(mine)
            if replacement.kept:
                note = f"{column} shared its files with other columns; its earlier values stay as {replacement.kept}"
                notes.append(f"{part}: {note}")
    return notes


def _parts(path, main):
    """Tables that hold the rows of `main`, one after the other: itself, or those of a multi-MS."""
    parts = [Path(name) for name in main.partnames()]
    if len(parts) == 1 and parts[0].resolve() != path.resolve():
        raise ValueError(f"{path} only refers to rows of {parts[0]}, so --predict cannot write to it")
    return parts


def _shapes(main):
    """(rows, channels, correlations) of each DATA_DESC_ID."""
    _, first, counts = np.unique(main.getcol("DATA_DESC_ID"), return_index=True, return_counts=True)
    return [(int(n), *main.getcell("FLAG", int(row)).shape) for row, n in zip(first, counts, strict=True)]


def _write_block(path, replacement, start, selected, windows, model):
    """Fill consecutive rows. Those of one window that follow each other are written together."""
    main, count = replacement.main, len(selected)
    descriptions, uvw = main.getcol("DATA_DESC_ID", start, count), -main.getcol("UVW", start, count)
    usable = selected & np.isfinite(uvw).all(axis=1)  # flagged rows may hold anything
    edges = (np.flatnonzero(np.diff(descriptions)) + 1).tolist()
    runs = [slice(*run) for run in zip([0, *edges], [*edges, count], strict=True)]
    predicted = {
        number: _predicted(path, model, uvw, np.flatnonzero(usable & (descriptions == number)), window)
        for number, window in windows.items()
    }
    for run in runs:
        values = _present(path, replacement, start + run.start, run.stop - run.start)
        window = windows.get(int(descriptions[run.start]))
        if window is not None:
            channels = slice(window.first, window.last + 1)
            values[selected[run], channels] = 0
            rows, intensity = predicted[window.description]
            mine = slice(*np.searchsorted(rows, (run.start, run.stop)))
            hands = [place for place, code in enumerate(window.codes) if code in TOTAL_INTENSITY]
            for hand in hands:
                values[rows[mine] - run.start, channels, hand] = intensity[mine]
        main.putcol(NEW, values, start + run.start, len(values))
    main.flush()


def _predicted(path, model, uvw, rows, window):
    values = model(uvw[rows], window.frequency) if len(rows) else np.empty((0, len(window.frequency)))
    if not np.isfinite(values).all():
        raise ValueError(f"{path}: the model's visibilities are not finite; the column is as before")
    return rows, values


def _present(path, replacement, start, count):
    """What the old column holds (rows, channels, correlations), 0 where it holds nothing."""
    main, old = replacement.main, replacement.old
    shape = main.getcell("FLAG", start).shape
    defined = [old is not None and main.iscelldefined(old, row) for row in range(start, start + count)]
    if all(defined):
        values = main.getcol(old, start, count)
    else:
        values = np.zeros((count, *shape), np.complex64)
        for row in np.flatnonzero(defined).tolist():
            values[row] = main.getcell(old, start + row)
    if values.shape[1:] != shape:
        raise ValueError(f"{path}: cells of {old} have the shape {values.shape[1:]}, those of FLAG {shape}")
    return values
