"""Images spread over many HDF5 files, shards, and read as one data set.

The record of a shard says which part it holds: `shard: {name of the data set: [first image, images in all]}`.
"""

import bisect
import operator
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import h5py
import numpy as np

from lofi.io import hdf5

OPEN_FILES = 128  # held open at a time, about 0.5 MB of memory each
EACH = ("box", "sight")  # lists of a record with one entry for each image


class Stack:
    """The data set `name` of shards as one sequence of images, each read when it is asked for.

    Parameters
    ----------
    paths : the shards, in order. name : of the data set.

    Attributes
    ----------
    record : what the shards' records share, lists with an entry for each image joined, and one `fingerprint` of all.
    shape, dtype : of one image.

    `len`, `[i]`, `[first:stop]` and `[numbers]` as of an array (N, …). Raises ValueError, one sentence, if a shard is
    missing, damaged, or does not belong with the first.
    """

    def __init__(self, paths: Iterable[str | Path], name: str) -> None:
        self.name, self.paths, self.starts = name, [Path(path) for path in paths], []
        if not self.paths:
            raise ValueError(f"there is no file with {name} to read")
        self._dataset = lru_cache(OPEN_FILES)(_dataset)
        shards, end, total = [], 0, None
        for path in self.paths:
            record, (first, total), images, kind = _describe(path, name)
            if shards:
                self._compare(path, (record, total, kind), shards[0])
            self._check_border(first, end, total)
            self.starts.append(first)
            shards.append((record, total, kind))
            end = first + images
        self._check_border(total, end, total)
        self.shape, self.dtype = shards[0][2]
        self.total = total
        records = [record for record, *_ in shards]
        marks = [record["fingerprint"] for record in records]
        joined = {key: [entry for r in records for entry in r[key]] for key in EACH if key in records[0]}
        self.record = _shared(records[0]) | joined | {"fingerprint": hdf5.fingerprint({"shards": marks})}

    def _compare(self, path, shard, reference):
        for what, value, expected in (
            ("images of the type and shape", shard[2], reference[2]),
            ("images in all", shard[1], reference[1]),
            ("a record", _shared(shard[0]), _shared(reference[0])),
        ):
            if value == expected:
                continue
            if isinstance(value, dict):
                key = next(key for key in value.keys() | expected.keys() if value.get(key) != expected.get(key))
                value, expected, what = value.get(key), expected.get(key), f"the {key}"
            raise ValueError(
                f"{path} does not belong with {self.paths[0]}: {what} {_short(value)}, expected {_short(expected)}"
            )

    def _check_border(self, first, end, total):
        """The shard after those in `starts` begins at `first`, where they stop at `end`."""
        number = len(self.starts)
        before = self.paths[number - 1].name if number else "the beginning"
        after = self.paths[number].name if number < len(self.paths) else "the end"
        folder = self.paths[0].parent
        if first > end:
            raise ValueError(
                f"{folder}: a shard is missing between {before} and {after}, "
                f"{self.name} {end} to {first - 1} of {total}"
            )
        if first < end:
            raise ValueError(
                f"{folder}: {before} and {after} overlap, {self.name} {first} to {end - 1} of {total} are there twice"
            )

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, index: int | slice | Sequence[int]) -> np.ndarray:
        if isinstance(index, slice):
            index = range(*index.indices(len(self)))
        if np.ndim(index) == 0:
            return self._image(operator.index(index))
        images = np.empty((len(index), *self.shape), self.dtype)
        for place, number in enumerate(index):
            images[place] = self._image(int(number))
        return images

    def _image(self, number):
        number += len(self) if number < 0 else 0
        if not 0 <= number < len(self):
            raise IndexError(f"{self.paths[0].parent} has {self.name} 0 to {len(self) - 1}, not {number}")
        shard = bisect.bisect_right(self.starts, number) - 1
        try:
            return self._dataset(self.paths[shard], self.name)[number - self.starts[shard]]
        except OSError as error:
            raise ValueError(f"{self.paths[shard]} is damaged at {self.name} {number}: {error}") from error


def read(paths: Iterable[str | Path], *names: str) -> tuple:
    """Record and data sets of shards, whole: (record, array, …), as `lofi.io.hdf5.read` of one file."""
    stacks = [Stack(paths, name) for name in names]
    return stacks[0].record, *(stack[:] for stack in stacks)


def by_folder(paths: Iterable[str | Path]) -> dict[str, list[str]]:
    """{name of the folder: its files}, in the order given: shards by their split."""
    folders = {}
    for path in map(Path, paths):
        folders.setdefault(path.parent.name, []).append(path)
    return folders


def _dataset(path, name):
    return h5py.File(path, rdcc_nbytes=0)[name]  # one image is one chunk: nothing to cache


def _describe(path, name):
    """Record, [first image, images in all], number of images and (shape, type) of one image of a shard."""
    if not path.exists():
        raise ValueError(f"{path.parent}: the shard {path.name} is missing")
    (record,) = hdf5.read(path)
    if name not in record.get("shard", {}):
        raise ValueError(f"{path} does not say which part of all {name} it holds; it was not written by this workflow")
    with h5py.File(path) as file:
        images = file[name]
        return record, record["shard"][name], len(images), (images.shape[1:], images.dtype)


def _shared(record):
    return {key: value for key, value in record.items() if key not in ("shard", "fingerprint", *EACH)}


def _short(value):
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)[:60]
