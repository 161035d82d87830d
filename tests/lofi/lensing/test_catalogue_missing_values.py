"""Values of a table that are missing, or cannot be."""

import numpy as np
import pytest
from astropy.io import fits
from shear_tables import COLUMNS, COUNT, GALAXIES, WITH_NULLS, masked, read, write


@pytest.mark.parametrize("name", WITH_NULLS)
@pytest.mark.parametrize("column", ["e1", "w", "dec"])
def test_masked_values_are_missing(name, column, tmp_path):
    path = write(tmp_path / name, masked(column))
    with pytest.raises(ValueError, match=r"missing.* 2 of 40 rows|2 of 40 rows .*missing"):
        read(path)
    with pytest.warns(UserWarning, match="2 of 40 rows"):
        catalogue = read(path, drop_invalid=True)
    np.testing.assert_allclose(catalogue.ra, np.delete(GALAXIES["ra"], [3, 7]))
    assert any("2 of 40 rows" in note for note in catalogue.notes)


def test_null_integers_are_missing_scaled_or_not(tmp_path):
    for scale in (None, 3e-5):
        stored = np.rint(GALAXIES["e1"] / (scale or 0.05)).astype(np.int16)
        stored[[3, 7]] = -32768
        columns = [fits.Column(key, "D", array=GALAXIES[key]) for key in ("ra", "dec", "e2", "w")]
        hdu = fits.BinTableHDU.from_columns([*columns, fits.Column("e1", "I", array=stored, null=-32768)])
        if scale:
            hdu.header["TSCAL5"], hdu.header["TZERO5"] = scale, 0.01
        hdu.writeto(tmp_path / "cat.fits", overwrite=True)
        columns = COLUMNS if scale else COLUMNS | {"e1": {"name": "e1", "scale": 0.05}}
        with pytest.raises(ValueError, match=r"2 of 40 rows .*'e1' \(TNULL -32768\): 2"):
            read(tmp_path / "cat.fits", columns)
        with pytest.warns(UserWarning, match="TNULL -32768"):
            catalogue = read(tmp_path / "cat.fits", columns, drop_invalid=True)
        expected = stored.astype(float) * (scale or 0.05) + (0.01 if scale else 0.0)
        np.testing.assert_allclose(catalogue.e1, np.delete(expected, [3, 7]), rtol=1e-6)


@pytest.mark.parametrize("column", ["e1", "e2", "w", "dec"])
@pytest.mark.parametrize("value", [-99.0, -999.0, 1e20])
@pytest.mark.parametrize("name", ["cat.fits", "cat.csv"])
def test_numbers_that_mark_missing_values_are_missing(name, column, value, tmp_path):
    table = GALAXIES | {column: np.where(np.arange(COUNT) < 2, value, GALAXIES[column])}
    path = write(tmp_path / name, table)
    with pytest.raises(ValueError, match=rf"2 of 40 rows.*{value:g}|missing in 2 of 40 rows".replace("+", r"\+")):
        read(path)
    with pytest.warns(UserWarning, match="2 of 40 rows"):
        assert len(read(path, drop_invalid=True)) == COUNT - 2


def test_a_galaxy_at_zero_does_not_stretch_the_field(tmp_path):
    table = {key: np.append(values, 0) for key, values in GALAXIES.items()} | {"w": np.append(GALAXIES["w"], 1.0)}
    path = write(tmp_path / "cat.csv", table)
    with pytest.raises(ValueError, match=r"1 of 41 galaxies more than ten times farther out .* at ra 0, dec 0"):
        read(path)
    with pytest.warns(UserWarning, match="ten times farther"):
        assert len(read(path, drop_invalid=True)) == COUNT


@pytest.mark.parametrize("kind", ["whole sky", "two fields", "clustered"])
def test_wide_surveys_have_no_outliers(kind, tmp_path):
    rng = np.random.default_rng(0)
    ra, dec = rng.uniform(0, 360, COUNT), np.degrees(np.arcsin(rng.uniform(-1, 1, COUNT)))
    if kind == "two fields":
        ra, dec = np.where(rng.random(COUNT) < 0.7, 30.0, 35.0) + rng.random(COUNT), rng.random(COUNT)
    elif kind == "clustered":
        ra, dec = 30.0 + 0.3 * rng.standard_normal(COUNT), 0.3 * rng.standard_normal(COUNT)
    assert len(read(write(tmp_path / "cat.csv", GALAXIES | {"ra": ra, "dec": dec}))) == COUNT
