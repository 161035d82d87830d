"""Every format gives the same galaxies; which of the tables of a file are read."""

import h5py
import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from shear_tables import COLUMNS, COUNT, FORMATS, GALAXIES, read, write


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_galaxies(name, tmp_path):
    catalogue = read(write(tmp_path / name, GALAXIES))
    for key in ("ra", "dec", "e1", "e2"):
        np.testing.assert_allclose(getattr(catalogue, key), GALAXIES[key], rtol=1e-14)
    np.testing.assert_allclose(catalogue.weight, GALAXIES["w"], rtol=1e-14)


def tables(path, names):
    hdus = [
        fits.BinTableHDU(Table({k: v[n::3] for k, v in GALAXIES.items()}), name=name) for n, name in enumerate(names)
    ]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(Table({"x": [1.0]}), name="OTHER"), *hdus]).writeto(path)
    return path


def test_tables_of_one_name_are_joined(tmp_path):
    catalogue = read(tables(tmp_path / "ccd.cat", ["LDAC_OBJECTS"] * 3))
    np.testing.assert_allclose(np.sort(catalogue.ra), np.sort(GALAXIES["ra"]))
    assert "table 2 LDAC_OBJECTS, 3 LDAC_OBJECTS, 4 LDAC_OBJECTS: 40 rows" in catalogue.notes


@pytest.mark.parametrize("names", [("BIN1", "BIN2", "BIN3"), ("", "", "")])
def test_alternatives_are_asked_for(names, tmp_path):
    path = tables(tmp_path / "bins.fits", names)
    with pytest.raises(ValueError, match=r"bins.fits' has several tables with these columns: 2.*, 3.*, 4.*--hdu"):
        read(path)
    for hdu, parts in ({"3": (1,), "2,4": (0, 2), "all": (0, 1, 2)} | ({"bin2": (1,)} if names[0] else {})).items():
        expected = np.concatenate([GALAXIES["ra"][part::3] for part in parts])
        np.testing.assert_allclose(read(path, hdu=hdu).ra, expected)
    with pytest.raises(ValueError, match=r"has no table '7' \(--hdu\); it has 1 OTHER, 2"):
        read(path, hdu="7")
    with pytest.raises(ValueError, match=r"table 1 OTHER has no column 'ra'"):
        read(path, hdu="OTHER")


def test_groups_of_hdf5_are_tables(tmp_path):
    with h5py.File(tmp_path / "bins.hdf5", "w") as file:
        for group in ("shear/bin_0", "shear/bin_1"):
            for name, values in GALAXIES.items():
                file[f"{group}/{name}"] = values
    with pytest.raises(ValueError, match=r"several tables with these columns: shear/bin_0, shear/bin_1"):
        read(tmp_path / "bins.hdf5")
    assert len(read(tmp_path / "bins.hdf5", hdu="shear/bin_1")) == COUNT


def test_parts_of_vector_columns(tmp_path):
    table = Table({k: v for k, v in GALAXIES.items() if k not in ("e1", "e2")})
    table["shear"] = np.stack([GALAXIES["e1"], GALAXIES["e2"]], axis=1)
    path = write(tmp_path / "cat.fits", table)
    catalogue = read(path, COLUMNS | {"e1": "shear[0]", "e2": "SHEAR[1]"})
    np.testing.assert_allclose(catalogue.e2, GALAXIES["e2"])
    with pytest.raises(ValueError, match=r"column 'shear' holds \(2,\) a row; it has no part 2"):
        read(path, COLUMNS | {"e1": "shear[0]", "e2": "shear[2]"})
