"""Reading shear catalogues: formats, frames, refusals."""

import warnings

import numpy as np
import pandas as pd
import pytest
from astropy.table import Table

from lofi.lensing.catalogue import read_catalogue
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.shear_file import open_shear
from lofi.seeds import stream

COLUMNS = {"ra": "RA", "dec": "DEC", "e1": "e_1", "e2": "e_2", "weight": "w"}


def galaxies(count=50):
    rng = stream("catalogue", "galaxies")
    return {
        "RA": 150.0 + rng.random(count),
        "DEC": 2.0 + rng.random(count),
        "e_1": 0.2 * rng.standard_normal(count),
        "e_2": 0.2 * rng.standard_normal(count),
        "w": 0.5 + rng.random(count),
        "z": rng.random(count),
    }


def write(path, table):
    if path.suffix == ".npz":
        np.savez(path, **table)
    elif path.suffix == ".csv":
        text = pd.DataFrame(table).to_csv(index=False)
        path.write_text("# made by hand\n" + text)
    else:
        Table(table).write(path)
    return path


@pytest.fixture(params=["cat.fits", "cat.csv", "cat.npz"])
def name(request):
    return request.param


def test_all_formats(tmp_path, name):
    table = galaxies()
    catalogue = read_catalogue(
        open_shear(write(tmp_path / name, table)), CatalogueOptions(COLUMNS, e2_sign=-1, responsivity=2.0)
    )
    assert len(catalogue) == 50
    assert catalogue.ra == pytest.approx(table["RA"])
    assert catalogue.e1 == pytest.approx(table["e_1"] / 2)
    assert catalogue.e2 == pytest.approx(-table["e_2"] / 2)
    assert catalogue.weight == pytest.approx(table["w"])
    assert catalogue.ra.dtype == np.float64
    assert catalogue.ra.dtype.isnative


def test_without_weights_all_galaxies_count_alike(tmp_path, name):
    path = write(tmp_path / name, galaxies())
    assert (read_catalogue(open_shear(path), CatalogueOptions({**COLUMNS, "weight": None})).weight == 1).all()


def test_the_table_with_the_columns_is_found(tmp_path):
    from astropy.io import fits

    tables = [fits.BinTableHDU(Table(t)) for t in ({"RA": [1.0]}, galaxies(), {"RA": [2.0]})]
    fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(tmp_path / "cat.fits")
    lower = {key: column.lower() for key, column in COLUMNS.items()}
    assert len(read_catalogue(open_shear(tmp_path / "cat.fits"), CatalogueOptions(lower))) == 50


def test_packed_integers(tmp_path):
    packed = {"ra": np.array([0, 10], np.uint16), "e": np.array([-3, 4], np.int16), "ra0": 359.0, "step": 0.01}
    np.savez(tmp_path / "cat.npz", **packed)
    columns = {
        "ra": {"name": "ra", "scale": "step", "offset": "ra0"},
        "dec": {"name": "ra", "scale": 0.1, "offset": -5},
        "e1": {"name": "e", "scale": 0.1},
        "e2": {"name": "e", "scale": 0.1},
    }
    catalogue = read_catalogue(open_shear(tmp_path / "cat.npz"), CatalogueOptions(columns))
    assert catalogue.ra == pytest.approx([359.0, 359.1])
    assert catalogue.dec == pytest.approx([-5.0, -4.0])
    assert catalogue.e1 == pytest.approx([-0.3, 0.4])
    columns["e1"] = {"name": "e", "scale": "e_scale"}
    with pytest.raises(
        ValueError, match=r"no single number 'e_scale' to scale column 'e1'; available: \['ra0', 'step'\]"
    ):
        read_catalogue(open_shear(tmp_path / "cat.npz"), CatalogueOptions(columns))


def test_missing_file_and_unknown_format(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no catalogue"):
        read_catalogue(open_shear(tmp_path / "cat.fits"), CatalogueOptions(COLUMNS))
    (tmp_path / "cat.xlsx").touch()
    with pytest.raises(ValueError, match="none of the known formats"):
        read_catalogue(open_shear(tmp_path / "cat.xlsx"), CatalogueOptions(COLUMNS))


def test_missing_column_lists_the_others(tmp_path, name):
    path = write(tmp_path / name, galaxies())
    with pytest.raises(ValueError, match=r"g_1.*available columns: 'RA', 'DEC', 'e_1', 'e_2', 'w', 'z'"):
        read_catalogue(open_shear(path), CatalogueOptions({**COLUMNS, "e1": "g_1"}))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"ra": "RA", "dec": "DEC", "e1": "e_1"}, r"lack \['e2'\]"),
        ({**COLUMNS, "wieght": "w"}, r"unknown \['wieght'\]"),
        ({**COLUMNS, "e1": {"name": "e_1", "factor": 2}}, "expected a name, or name, scale and offset"),
        ({**COLUMNS, "e1": 3}, "expected a name, or name, scale and offset"),
    ],
)
def test_wrong_description_of_columns(tmp_path, columns, message):
    with pytest.raises(ValueError, match=message):
        read_catalogue(open_shear(write(tmp_path / "cat.csv", galaxies())), CatalogueOptions(columns))


@pytest.mark.parametrize("options", [{"e1_sign": 0}, {"e2_sign": "east"}, {"responsivity": 0.0}])
def test_wrong_options(tmp_path, options):
    with pytest.raises(ValueError, match=next(iter(options))):
        read_catalogue(open_shear(write(tmp_path / "cat.csv", galaxies())), CatalogueOptions(COLUMNS, **options))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("e_1", np.nan, r"2 of 50 rows with NaN or inf or missing values \('e_1'.*: 2\)"),
        ("RA", np.inf, r"2 of 50 rows with NaN or inf or missing values \('RA': 2\)"),
        ("w", np.nan, "'w' .* is NaN, inf or missing in 2 of 50 rows"),
        ("w", -1.0, r"'w' .* is negative in 2 of 50 rows \(least -1\)"),
        ("e_2", 3.0, r"2 of 50 galaxies with \|e\| > 1 \(largest 3"),
        ("e_2", -99.0, r"2 of 50 rows .*\('e_2' = -99: 2\)"),
        ("DEC", 91.0, r"'DEC' .* to 91, outside -90° to 90° in 2 of 50 rows"),
        ("RA", 361.0, "'RA' .* to 361, outside -180° to 360° in 2 of 50 rows"),
    ],
)
def test_bad_values(tmp_path, name, column, value, message):
    table = galaxies()
    table[column][[3, 7]] = value
    with pytest.raises(ValueError, match=message):
        read_catalogue(open_shear(write(tmp_path / name, table)), CatalogueOptions(COLUMNS))


@pytest.mark.parametrize("column", ["e_1", "RA", "w"])
def test_invalid_rows_are_dropped_on_demand(tmp_path, column):
    table = galaxies()
    table[column][[3, 7]] = np.nan
    path = write(tmp_path / "cat.fits", table)
    with pytest.warns(UserWarning, match="2 of 50 rows .* left out"):
        assert len(read_catalogue(open_shear(path), CatalogueOptions(COLUMNS, drop_invalid=True))) == 48


def test_nothing_is_left(tmp_path):
    table = galaxies() | {"e_1": np.full(50, np.nan)}
    with pytest.raises(ValueError, match="no row is left"):
        read_catalogue(open_shear(write(tmp_path / "cat.fits", table)), CatalogueOptions(COLUMNS, drop_invalid=True))


def test_rows_of_weight_zero_are_ignored_whatever_they_hold(tmp_path, name):
    table = galaxies()
    table["w"][[3, 7]] = 0.0
    table["e_1"][3], table["e_2"][7] = np.nan, -99.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(read_catalogue(open_shear(write(tmp_path / name, table)), CatalogueOptions(COLUMNS))) == 48


def test_larger_ellipticities_may_be_allowed(tmp_path):
    table = galaxies()
    table["e_1"][3] = 1.3
    assert (
        len(
            read_catalogue(
                open_shear(write(tmp_path / "cat.csv", table)), CatalogueOptions(COLUMNS, max_ellipticity=1.5)
            )
        )
        == 50
    )


def test_all_weights_zero(tmp_path, name):
    with pytest.raises(ValueError, match=r"all 50 weights \(column 'w'\)"):
        read_catalogue(open_shear(write(tmp_path / name, galaxies() | {"w": np.zeros(50)})), CatalogueOptions(COLUMNS))


def test_empty(tmp_path, name):
    table = {key: values[:0] for key, values in galaxies().items()}
    with pytest.raises(ValueError, match=r"cat.* (has no rows|expected numbers)"):
        read_catalogue(open_shear(write(tmp_path / name, table)), CatalogueOptions(COLUMNS))


def test_files_that_are_no_tables(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"" if name == "cat.csv" else b"<html>404</html>")
    with pytest.raises(ValueError, match="cannot be read"):
        read_catalogue(open_shear(path), CatalogueOptions(COLUMNS))


@pytest.mark.parametrize("name", ["cat.fits", "cat.npz"])
def test_truncated(tmp_path, name):
    path = write(tmp_path / name, galaxies(2000))
    path.write_bytes(path.read_bytes()[:40000])
    with pytest.raises(ValueError, match="truncated"):
        read_catalogue(open_shear(path), CatalogueOptions(COLUMNS))


def test_columns_of_other_kinds(tmp_path):
    table = galaxies()
    np.savez(tmp_path / "a.npz", **{**table, "e_1": np.zeros((50, 2))})
    with pytest.raises(ValueError, match=r"'e_1' .* shape \(50, 2\); expected one number per row"):
        read_catalogue(open_shear(tmp_path / "a.npz"), CatalogueOptions(COLUMNS))
    np.savez(tmp_path / "b.npz", **{**table, "e_1": np.zeros(49)})
    with pytest.raises(ValueError, match="different lengths"):
        read_catalogue(open_shear(tmp_path / "b.npz"), CatalogueOptions(COLUMNS))
    with pytest.raises(ValueError, match=r"'e_1' .* expected numbers"):
        read_catalogue(
            open_shear(write(tmp_path / "c.csv", {**table, "e_1": ["round"] * 50})), CatalogueOptions(COLUMNS)
        )
