"""A user's file of shear: opened once, its kind decided once; the command loads nothing before it knows what to do."""

import subprocess
import sys

import healpy as hp
import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from astropy.table import Table

from lofi.lensing.catalogue import read_catalogue
from lofi.lensing.shear_file import CATALOGUE, HEALPIX_MAP, SHEAR_MAP, open_shear
from lofi.mapping import map_observation

HEAVY = {"torch", "astropy", "numpy", "scipy", "pandas", "healpy", "matplotlib"}


@pytest.mark.parametrize("arguments", [["--help"], ["map", "--help"], ["image", "--help"]])
def test_help_loads_nothing_heavy(arguments):
    code = f"""
import sys
from lofi.cli import main
try:
    main({arguments!r})
finally:
    print("loaded:", *sorted({HEAVY!r} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.startswith("usage: lofi")
    assert done.stdout.endswith("loaded:\n")


@pytest.mark.parametrize("name", ["shear.fits", "shear.fits.gz", "shear.csv", "shear.csv.gz"])
def test_a_small_catalogue_is_opened_once(catalogue, checkpoint_folder, tmp_path, monkeypatch, name):
    path, opened, catalogue = tmp_path / name, [], catalogue[::20]
    table = pd.DataFrame({column: np.asarray(catalogue[column]) for column in catalogue.colnames})
    if "csv" in name:
        table.to_csv(path, index=False)
    else:
        Table(catalogue).write(path)

    def counted(function):
        def call(file, *arguments, **options):
            opened.append(str(file.name if hasattr(file, "read") else file))
            return function(file, *arguments, **options)

        return call

    for module, function in ((fits, "open"), (pd, "read_csv")):
        monkeypatch.setattr(module, function, counted(getattr(module, function)))
    columns = {"ra": "RA", "dec": "DEC", "e1": "E1", "e2": "E2"}
    options = {"columns": columns, "e2_sign": -1, "centre": [210.0, 30.0], "shape": [48, 48]}
    map_observation(path, options, prior=checkpoint_folder, output=tmp_path / "kappa.fits")
    assert opened == [str(path)]


def test_the_kind_of_a_file(tmp_path):
    image, table = fits.ImageHDU(np.zeros((4, 4)), name="GAMMA1"), Table({"ra": [1.0]})
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(tmp_path / "map.fits")
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(np.zeros((8, 8)))]).writeto(tmp_path / "compressed.fits")
    table.write(tmp_path / "table.fits")
    fits.HDUList([fits.PrimaryHDU(), fits.TableHDU(np.array([(1.0,)], [("ra", "f8")]))]).writeto(tmp_path / "text.fits")
    hp.write_map(tmp_path / "sky.dat", np.zeros(12))
    kinds = {path.name: open_shear(path).kind for path in tmp_path.iterdir()}
    assert kinds == {
        "map.fits": SHEAR_MAP,
        "compressed.fits": SHEAR_MAP,
        "table.fits": CATALOGUE,
        "text.fits": CATALOGUE,
        "sky.dat": HEALPIX_MAP,
    }


def test_names_of_csv_columns_may_have_spaces(tmp_path):
    path = tmp_path / "shear.csv"
    path.write_text("ra, dec ,e1, e2,z\n1,2,0.1,0.2,0.5\n3,4,0.3,0.4,0.6\n")
    catalogue = read_catalogue(open_shear(path))
    assert catalogue.dec.tolist() == [2, 4]
    assert catalogue.e2.tolist() == [0.2, 0.4]
