"""LoDoPaB-CT (Leuschner et al. 2021): chest slices in files `ground_truth_{part}_{number}.hdf5` of one folder."""

from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from lofi.data.resampling import averaged
from simulations.hdf5 import reading

PARTS = ("train", "validation", "test")
KEY, SIDE = "data", 362  # the data set of a file and the pixels on a side of its slices
TOLERANCE = 1e-4  # by which values may leave 0 to 1


def read_lodopab(folder: str | Path, part: str, numbers: Sequence[int], pixels: int) -> np.ndarray:
    """The slices of these `numbers`, counted from 0 over the files of a `part` in the order of their names.

    Parameters
    ----------
    folder : of the unpacked files. part : train | validation | test. numbers : sequence of whole numbers, at least 0.
    pixels : on a side of what is returned, at most 362; slices are averaged down to it.

    Returns
    -------
    float32 (N, pixels, pixels), 0 (air) to 1 (81.36 per metre). Rows as stored.

    Raises FileNotFoundError where there is no file of the part; ValueError, one sentence, for a file without the data
    set, of another shape, with values outside 0 to 1 or an empty slice, and if there are fewer slices than asked for.
    """
    if part not in PARTS:
        raise ValueError(f"part is {part!r}; LoDoPaB-CT has {', '.join(PARTS)}")
    if not 2 <= pixels <= SIDE:
        raise ValueError(f"slices of {pixels} pixels were asked for; those of LoDoPaB-CT have {SIDE}")
    files = sorted(Path(folder).glob(f"ground_truth_{part}_*.hdf5"))
    if not files:
        raise FileNotFoundError(f"there is no file ground_truth_{part}_*.hdf5 in the folder '{folder}'")
    numbers, starts = np.asarray(numbers), np.cumsum([0, *map(_count, files)])
    if len(numbers) and numbers.max() >= starts[-1]:
        raise ValueError(
            f"'{folder}' holds {starts[-1]} slices of the part {part}, 0 to {starts[-1] - 1}; asked for {numbers.max()}"
        )
    slices = np.empty((len(numbers), pixels, pixels), np.float32)
    for file, start, stop in zip(files, starts[:-1], starts[1:], strict=True):
        for place in np.flatnonzero((numbers >= start) & (numbers < stop)):
            with reading(file) as opened:
                values = opened[KEY][numbers[place] - start]
            slices[place] = averaged(
                _checked(values, f"'{file}', slice {numbers[place] - start}"), (0, 0), SIDE, pixels
            )
    return slices


def _count(file):
    """How many slices a file holds."""
    with reading(file) as opened:
        found = opened.get(KEY)
        if not isinstance(found, h5py.Dataset):
            raise ValueError(f"'{file}' has no data set '{KEY}'; it holds {', '.join(opened) or 'nothing'}")
        if found.ndim != 3 or found.shape[1:] != (SIDE, SIDE):
            raise ValueError(f"'{file}': '{KEY}' has the shape {found.shape}; expected (slices, {SIDE}, {SIDE})")
        return found.shape[0]


def _checked(values, name):
    low, high = float(np.min(values)), float(np.max(values))
    if not (low >= -TOLERANCE and high <= 1 + TOLERANCE):  # also where they are NaN
        raise ValueError(f"{name} has values from {low:g} to {high:g}; expected 0 to 1")
    if high == low:
        raise ValueError(f"{name} is {low:g} everywhere; expected a slice of a chest")
    return np.asarray(values, np.float32).clip(0, 1)
