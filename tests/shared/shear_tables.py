"""Galaxies in tables of every format."""

import gzip

import h5py
import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from lofi.lensing.catalogue import read_catalogue
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.shear_file import open_shear

RNG = np.random.default_rng(7)
COUNT = 40
GALAXIES = {
    "ra": 150.0 + RNG.random(COUNT),
    "dec": 2.0 + RNG.random(COUNT),
    "e1": 0.2 * RNG.standard_normal(COUNT),
    "e2": 0.2 * RNG.standard_normal(COUNT),
    "w": 1.0 + RNG.random(COUNT),
    "flag": np.arange(COUNT) % 3,
    "z": RNG.random(COUNT),
}
COLUMNS = {"ra": "ra", "dec": "dec", "e1": "e1", "e2": "e2", "weight": "w"}
FORMATS = ["cat.fits", "cat.fits.gz", "cat.cat", "cat.ecsv", "cat.vot", "cat.xml", "cat.csv", "cat.csv.gz", "cat.tsv"]
FORMATS += ["cat.txt", "semicolons.csv", "commented.csv", "cat.parquet", "cat.h5", "cat.npz"]
WITH_UNITS = ["cat.fits", "cat.ecsv", "cat.vot", "cat.h5"]
WITH_NULLS = ["cat.fits", "cat.ecsv", "cat.vot", "cat.csv", "commented.csv", "cat.parquet"]


def write(path, table):
    """Write an astropy table in the format that the name says."""
    name, table = path.name, Table(table)
    if name.endswith((".fits", ".cat")):
        table.write(path, format="fits")
    elif name.endswith(".gz"):
        plain = write(path.with_name(name.removesuffix(".gz")), table)
        path.write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
    elif name.endswith(".ecsv"):
        table.write(path, format="ascii.ecsv")
    elif name.endswith((".vot", ".xml")):
        table.write(path, format="votable")
    elif name.endswith(".npz"):
        np.savez(path, **{column: table[column].data for column in table.colnames})
    elif name.endswith(".h5"):
        with h5py.File(path, "w") as file:
            for column in table.colnames:
                values = table[column].data
                values = np.char.encode(values) if values.dtype.kind == "U" else values
                data = file.create_dataset(f"shear/{column}", data=values)
                if table[column].unit is not None:
                    data.attrs["unit"] = str(table[column].unit)
            file["provenance/version"] = np.zeros(3)
    elif name.endswith(".parquet"):
        pytest.importorskip("pyarrow")
        table.to_pandas().to_parquet(path)
    else:
        separator = {"cat.tsv": "\t", "cat.txt": " ", "semicolons.csv": ";"}.get(name, ",")
        commented = name == "commented.csv"
        lines = ["# made by hand", "", ("# " if commented else "") + separator.join(table.colnames)]
        for row in table:
            lines.append(
                separator.join("\\N" if value is np.ma.masked else repr(np.asarray(value).item()) for value in row)
            )
        path.write_text("\n".join(lines).replace("'", "") + "\n")
    return path


def read(path, columns=COLUMNS, **options):
    return read_catalogue(open_shear(path), CatalogueOptions(columns, **options))


def with_unit(**columns):
    """The table with columns in other units: {name: (values, unit)}."""
    table = Table(GALAXIES)
    for name, (values, unit) in columns.items():
        table[name] = values
        table[name].unit = unit
    return table


def masked(column, rows=(3, 7), null=None):
    table = Table(GALAXIES, masked=True)
    mask = np.zeros(COUNT, bool)
    mask[list(rows)] = True
    values = GALAXIES[column] if null is None else np.where(mask, null, np.rint(9 * GALAXIES[column])).astype(np.int32)
    table[column] = MaskedColumn(values, mask=mask, fill_value=null)
    return table
