"""Stacks of images in HDF5, with a JSON record of how they were made."""

import hashlib
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from lofi.io.atomic import replacing


def write(path: str | Path, record: Any, **arrays: np.ndarray) -> None:
    """Write arrays as data sets and `record` (anything JSON can hold) as the attribute of that name.

    Stacks of images, three axes or more, are stored image by image, each with a checksum.
    """
    # Nothing is cached, so a full disk is met while writing: met on closing, the HDF5 library ends the process.
    with replacing(path) as temporary, h5py.File(temporary, "w", rdcc_nbytes=0) as file:
        for name, array in arrays.items():
            array = np.asarray(array)
            layout = {"chunks": (1, *array.shape[1:]), "fletcher32": True} if array.ndim > 2 and array.size else {}
            file.create_dataset(name, data=array, **layout)
        file.attrs["record"] = json.dumps(record)
        file.attrs["fingerprint"] = fingerprint(record, *arrays.values())


def read(path: str | Path, *names: str) -> tuple:
    """The record and the named data sets, whole: (record, array, …)."""
    path = Path(path)
    try:
        with h5py.File(path) as file:
            missing = [name for name in names if name not in file]
            missing += [name for name in ("record", "fingerprint") if name not in file.attrs]
            if missing:
                raise ValueError(f"{path} lacks {', '.join(missing)}; it was not written by this workflow")
            record = json.loads(file.attrs["record"]) | {"fingerprint": file.attrs["fingerprint"]}
            return record, *(file[name][()] for name in names)
    except OSError as error:
        raise ValueError(f"{path} cannot be read as HDF5: {error}") from error


def fingerprint(record: Any, *arrays: np.ndarray) -> str:
    """SHA-256 of a record and of the arrays' types, shapes and bytes, 16 hexadecimal digits."""
    digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode())
    for array in map(np.asarray, arrays):
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]
