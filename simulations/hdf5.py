"""Opening HDF5 files so that a damaged one is named."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py


@contextmanager
def reading(path: str | Path) -> Iterator[h5py.File]:
    """The open file; ValueError with its name if it is missing, damaged, or lacks what the block asks for."""
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (OSError, KeyError) as error:
        raise ValueError(f"'{path}' cannot be read as HDF5: {error}") from error
