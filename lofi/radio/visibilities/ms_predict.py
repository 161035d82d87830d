"""The visibilities of a model, written into a column of Measurement Sets for self-calibration."""

import shutil
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from scipy.constants import speed_of_light

from lofi.io.user_file import reading
from lofi.radio.visibilities.ms_column import check_column, new_column
from lofi.radio.visibilities.ms_replacement import NEW, TILE, Replacement, commit
from lofi.radio.visibilities.ms_selection import Selection
from lofi.radio.visibilities.ms_tables import opened
from lofi.radio.visibilities.read import LIMIT

TOTAL_INTENSITY = (1, -1, -2, -5, -6)  # I, RR, LL, XX, YY; all others are 0 for an unpolarised model

# Stokes I in Jy, complex (M,), of u, v, w and frequency (M,), as of `Visibilities`.
Model = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def check_predict(paths: Sequence[Path], column: str, selection: Selection | None = None) -> None:
    """Refuse, before anything is reconstructed, what `write_model` could not write; ValueError or OSError."""
    needed, free = defaultdict(int), {}  # by disk
    for path in paths:
        if not (path / "table.dat").is_file():
            raise ValueError(f"{path} is no Measurement Set, so --predict cannot write to it")
        with reading(path), opened(path, selection or Selection()) as observation:
            imaged, shapes, parts = observation.column, _shapes(observation.main), _parts(path, observation.main)
        for part in parts:
            check_column(part, column, imaged)
        disk = path.stat().st_dev
        needed[disk] += sum(8 * np.prod(shape) for shape in shapes)
        free[disk] = shutil.disk_usage(path).free
        if free[disk] < needed[disk]:
            raise OSError(
                f"{path}: --predict {column} needs {needed[disk] / 1e9:.3g} GB, the disk has {free[disk] / 1e9:.3g} GB "
                "left"
            )


def write_model(
    paths: Sequence[Path], column: str, model: Model, selection: Selection | None = None, limit: int = LIMIT
) -> list[str]:
    """Write a model's visibilities to a column of Measurement Sets, and return notes.

    All rows of the selection get them, also flagged ones and autocorrelations, in the parallel hands; cross hands
    get 0. Other rows and channels keep what the column holds, and are 0 in a new one. The column is replaced as a whole
    or, where anything fails, not at all (`ms_column`), in all sets and all parts of a multi-MS. Memory does not grow
    with the rows: the model is asked for about `limit` visibilities at a time.

    Raises ValueError or OSError, one sentence.
    """
    replacements = []
    with ExitStack() as stack:
        for path in {path.resolve(): path for path in paths}.values():
            replacements += _filled(stack, path, column, model, selection or Selection(), limit)
        commit(replacements)
    return [
        f"{each.path}: {column} shared its files with other columns; its earlier values stay as {each.kept}"
        for each in replacements
        if each.kept
    ]


def _filled(stack, path, column, model, selection, limit) -> list[Replacement]:
    """New columns of a set, or of the parts of a multi-MS, with the model; they are closed with the stack."""
    with opened(path, selection, autocorrelations=True) as observation:
        windows, imaged = {window.description: window for window in observation.windows}, observation.column
        shapes, selected = _shapes(observation.main), np.zeros(observation.main.nrows(), bool)
        parts = _parts(path, observation.main)
    for part in parts:
        check_column(part, column, imaged)
    for window in windows.values():
        selected[window.rows] = True
    channels, hands = (max(sizes) for sizes in zip(*(shape[1:] for shape in shapes), strict=True))
    rows = max(limit // channels, 1)
    tile = (int(np.clip(TILE // (channels * hands), 1, len(selected))), channels, hands)
    replacements, first = [], 0
    for part in parts:
        replacements.append(stack.enter_context(new_column(part, column, tile)))
        mine = selected[first : first + replacements[-1].main.nrows()]
        for start in range(0, len(mine), rows):
            _write_block(part, replacements[-1], start, mine[start : start + rows], windows, model)
        first += len(mine)
    return replacements


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
    rows = {number: np.flatnonzero(usable & (descriptions == number)) for number in windows}
    predicted = _predicted(path, model, uvw, rows, windows)
    edges = (np.flatnonzero(np.diff(descriptions)) + 1).tolist()
    runs = [slice(*run) for run in zip([0, *edges], [*edges, count], strict=True)]
    for run in runs:
        values = _present(path, replacement, start + run.start, run.stop - run.start)
        number = int(descriptions[run.start])
        if number in windows:
            window = windows[number]
            channels = slice(window.first, window.last + 1)
            values[selected[run], channels] = 0
            mine = slice(*np.searchsorted(rows[number], (run.start, run.stop)))
            hands = [place for place, code in enumerate(window.codes) if code in TOTAL_INTENSITY]
            for hand in hands:
                values[rows[number][mine] - run.start, channels, hand] = predicted[number][mine]
        main.putcol(NEW, values, start + run.start, len(values))
    main.flush()


def _predicted(path, model, uvw, rows, windows):
    """Visibilities (n, C) of the rows of each window, from one call of the model."""
    frequency = {number: np.tile(window.frequency, (len(rows[number]), 1)) for number, window in windows.items()}
    wavelengths = [uvw[rows[number]].T[..., None] * (frequency[number] / speed_of_light) for number in windows]
    u, v, w = np.concatenate([lengths.reshape(3, -1) for lengths in wavelengths], axis=1)
    values = model(u, v, w, np.concatenate([f.ravel() for f in frequency.values()])) if len(u) else u
    if not np.isfinite(values).all():
        raise ValueError(f"{path}: the model's visibilities are not finite; the column is as before")
    parts = np.split(values, np.cumsum([f.size for f in frequency.values()])[:-1])
    return {number: part.reshape(frequency[number].shape) for number, part in zip(windows, parts, strict=True)}


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
