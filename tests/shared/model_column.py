"""A Measurement Set of two windows and two fields, and what its columns hold."""

import hashlib

import numpy as np
import pytest
from measurement_set import EAST, FLUX, NORTH, write

tables = pytest.importorskip("casacore.tables", reason="python-casacore is not installed")
WINDOWS, FIELDS = ((1.4e9, 3), (1.5e9, 5)), ("3C286", "NGC 1275")
MODEL = "MODEL_DATA"


def two_windows(path):
    """The path of the set, written there."""
    write(path, windows=WINDOWS, fields=FIELDS).close()
    return path


def source(u, v, w, frequency):
    """The source of the set."""
    assert u.shape == v.shape == w.shape == frequency.shape
    return FLUX * np.exp(-2j * np.pi * (u * EAST + v * NORTH + w * (np.sqrt(1 - EAST**2 - NORTH**2) - 1)))


def cells(path, column):
    """Values of each row."""
    with tables.table(str(path), ack=False) as main:
        return [main.getcell(column, row) for row in range(main.nrows())]


def column(path, name):
    with tables.table(str(path), ack=False) as main:
        return main.getcol(name)


def add(path, name, *, tiled, kind="complex"):
    """A column with the value 7 in all cells, in files of its own or in those of others."""
    with tables.table(str(path), readonly=False, ack=False) as main:
        description = tables.makearrcoldesc(name, 0j, ndim=2, valuetype=kind, keywords={"UNIT": "Jy"})
        manager = {
            "TYPE": "TiledShapeStMan",
            "NAME": "Model",
            "SPEC": {"DEFAULTTILESHAPE": np.array([4, 3, 9], np.int32)},
        }
        main.addcols(tables.maketabdesc([description]), *([manager] if tiled else []))
        for row in range(main.nrows()):
            main.putcell(name, row, np.full(main.getcell("FLAG", row).shape, 7 + 0j))


def contents(path):
    """Digests of all files, without the lock."""
    files = (file for file in path.rglob("*") if file.is_file() and file.name != "table.lock")
    return {str(file.relative_to(path)): hashlib.md5(file.read_bytes()).hexdigest() for file in files}
