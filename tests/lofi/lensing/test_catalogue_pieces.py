"""Catalogues are read in pieces: what is found does not depend on the pieces, and memory does not follow the file."""

import tracemalloc
import warnings

import h5py
import numpy as np
import pandas as pd
import pytest
from astropy.table import Table

from lofi.lensing import extent, rows
from lofi.lensing.catalogue import open_catalogue, read_catalogue
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.extent import field_of
from lofi.lensing.shear_file import open_shear
from lofi.lensing.shear_map import bin_shear
from lofi.lensing.tables import columns
from lofi.lensing.tangent_plane import field_wcs
from lofi.seeds import stream
from lofi.sphere.shear_map import bin_shear as bin_on_sphere

COUNT = 300
NAMES = {"ra": "RA", "dec": "DEC", "e1": "e_1", "e2": "e_2", "weight": "w"}
FORMATS = (
    "cat.fits",
    "cat.fits.gz",
    "cat.csv",
    "cat.npz",
    "packed.npz",
    "cat.parquet",
    "cat.h5",
    "cat.ecsv",
    "cat.xml",
)


def galaxies(count=COUNT, name="galaxies"):
    rng = stream("catalogue in pieces", name)
    return {
        "RA": -1.0 + 3.0 * rng.random(count),
        "DEC": 60.0 + rng.random(count),
        "e_1": 0.2 * rng.standard_normal(count),
        "e_2": 0.2 * rng.standard_normal(count),
        "w": rng.integers(0, 3, count) + 0.1,
        "flag": rng.integers(0, 4, count),
        "zbin": rng.integers(1, 4, count),
        "R11": 0.7 + 0.1 * rng.standard_normal(count),
        "R22": 0.7 + 0.1 * rng.standard_normal(count),
    }


def write(path, table):
    if path.suffix == ".npz":
        (np.savez_compressed if path.stem == "packed" else np.savez)(path, **table)
    elif path.suffix == ".csv":
        pd.DataFrame(table).to_csv(path, index=False)
    elif path.suffix == ".parquet":
        pd.DataFrame(table).to_parquet(path, row_group_size=70)
    elif path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            for name, values in table.items():
                file.create_dataset(f"shear/{name}", data=values, chunks=(64,))
    elif path.suffix == ".ecsv":
        Table(table).write(path, format="ascii.ecsv")
    else:
        Table(table).write(path, **({"format": "votable"} if path.suffix == ".xml" else {}))
    return path


@pytest.fixture
def cut(monkeypatch):
    """Cuts catalogues into pieces of so many rows."""
    return lambda rows: monkeypatch.setattr(columns, "ROWS", rows)


def binned(path, nside=64):
    catalogue = open_catalogue(open_shear(path), CatalogueOptions(NAMES))
    wcs, shape = field_of(catalogue, 2.0)
    return bin_shear(catalogue, wcs, shape), bin_on_sphere(catalogue, nside)


@pytest.mark.parametrize("name", FORMATS)
def test_maps_are_the_same_whatever_the_pieces(name, tmp_path, cut):
    options = {"select": "(flag & 1) == 0", "estimator": "metacal", "bins": "zbin"}
    names = NAMES | {"r11": "R11", "r22": "R22"}
    path = write(tmp_path / name, galaxies())
    found = []
    for size in (1000, 64):
        cut(size)
        catalogue = open_catalogue(open_shear(path), CatalogueOptions(names, **options))
        wcs, shape = field_of(catalogue, 2.0)
        plane, sphere = bin_shear(catalogue, wcs, shape), bin_on_sphere(catalogue, 64)
        found.append((catalogue.notes, wcs.wcs.crval, shape, plane.gamma, plane.noise_std, plane.count, sphere.gamma))
    for other in found[1:]:
        assert other[0] == found[0][0]
        for expected, value in zip(found[0][1:], other[1:], strict=True):
            np.testing.assert_allclose(value, expected, rtol=1e-14, atol=1e-15)


def test_sums_are_those_of_the_galaxies(tmp_path, cut):
    cut(50)
    table = galaxies()
    plane, sphere = binned(write(tmp_path / "cat.fits", table), nside=512)
    assert plane.count.sum() == COUNT
    assert plane.weight_sum.sum() == pytest.approx(table["w"].sum())
    power = np.sum(table["w"] ** 2 * (table["e_1"] ** 2 + table["e_2"] ** 2)) / (2 * np.sum(table["w"] ** 2))
    assert plane.sigma_e == pytest.approx(np.sqrt(power))
    once = sphere.seen & np.isclose(sphere.noise_std, plane.sigma_e)  # pixels of one galaxy
    assert once.sum() > 10
    moduli = np.hypot(table["e_1"], table["e_2"])
    assert np.isclose(np.abs(sphere.gamma[once])[:, None], moduli, rtol=1e-12).any(axis=1).all()


@pytest.mark.parametrize(
    ("column", "value", "at"),
    [
        ("e_1", np.nan, 290),
        ("e_1", -99.0, 290),
        ("e_2", 1.5, slice(200, 290)),
        ("w", -1.0, 290),
        ("w", 0.0, slice(None)),
        ("DEC", 91.0, 290),
        ("DEC", -60.0, 290),
        ("RA", np.inf, slice(10, 290, 70)),
        ("zbin", 1.5, 290),
    ],
)
def test_refusals_are_the_same_whatever_the_pieces(column, value, at, tmp_path, cut):
    table = galaxies()
    table["zbin"] = table["zbin"].astype(float)
    table[column][at] = value
    path = write(tmp_path / "cat.parquet", table)
    sentences = set()
    for size in (1000, 64):
        cut(size)
        with pytest.raises(ValueError, match=r"cat\.parquet") as refused:
            open_catalogue(open_shear(path), CatalogueOptions(NAMES, bins="zbin"))
        sentences.add(str(refused.value))
    assert len(sentences) == 1
    assert "cannot be read" not in sentences.pop()


def test_rows_left_out_are_counted_over_all_pieces(tmp_path, cut):
    table = galaxies()
    table["e_1"][[3, 100, 299]] = np.nan
    table["e_2"][[4, 200]] = -99.0
    table["DEC"][[150, 151]] = -60.0
    path = write(tmp_path / "cat.fits", table)
    cut(60)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        catalogue = read_catalogue(open_shear(path), CatalogueOptions(NAMES, drop_invalid=True))
    assert len(catalogue) == COUNT - 7
    assert [str(one.message).partition("has ")[2][:8] for one in told] == ["5 of 300", "2 of 295"]
    assert sum("left out" in note for note in catalogue.notes) == 2


def test_text_that_becomes_an_angle_half_way_is_refused(tmp_path, cut):
    rows_of_text = [f"{ra},60.{row},0.1,0.1" for row, ra in enumerate(["10.5"] * 10 + ["00:42:00"] * 10)]
    (tmp_path / "cat.csv").write_text("\n".join(["ra,dec,e1,e2", *rows_of_text]))
    cut(10)
    with pytest.raises(ValueError, match=r"the values of column 'ra' differ .* 'numbers', 'text'"):
        open_catalogue(open_shear(tmp_path / "cat.csv"))


def test_columns_without_a_value_in_some_piece_are_no_other_type(tmp_path, cut):
    table = pd.DataFrame(galaxies())
    table["survey"] = ["", *["deep"] * 99, *[""] * 100, *["wide"] * 100]
    table.to_csv(tmp_path / "cat.csv", index=False)
    options = CatalogueOptions({**NAMES, "weight": None}, select="survey == 'wide'")
    cut(50)
    assert len(read_catalogue(open_shear(tmp_path / "cat.csv"), options)) == 100


@pytest.mark.parametrize("wide", [False, True])
def test_outermost_galaxies_give_the_field_of_all(wide, tmp_path, cut, monkeypatch):
    table = galaxies()
    if wide:
        table["RA"], table["DEC"] = 10.0 * np.linspace(0, 1, COUNT), 50.0 + table["DEC"] % 1
    path = write(tmp_path / "cat.npz", table)
    catalogue = open_catalogue(open_shear(path), CatalogueOptions(NAMES))
    whole = read_catalogue(open_shear(path), CatalogueOptions(NAMES))
    expected, shape = field_wcs(whole.ra, whole.dec, 2.0)
    cut(40)
    monkeypatch.setattr(extent, "FEW", 60)
    wcs, found = field_of(catalogue, 2.0)
    assert found == shape
    np.testing.assert_allclose(wcs.wcs.crval, expected.wcs.crval, atol=1e-11)
    assert len(extent.outermost(whole.ra, whole.dec)) < 40


def test_galaxies_on_a_line_and_all_over_the_sky_have_an_extent(tmp_path, monkeypatch):
    line = np.linspace(-1, 1, 50)
    assert set(extent.outermost(line, np.zeros(50))) == {0, 49}
    rng = stream("catalogue in pieces", "sky")
    ra, dec = 360 * rng.random(5000), np.degrees(np.arcsin(2 * rng.random(5000) - 1))
    path = write(tmp_path / "cat.npz", galaxies(5000) | {"RA": ra, "DEC": dec})
    monkeypatch.setattr(extent, "FEW", 100)
    with pytest.raises(ValueError, match=r"the catalogue reaches 1\d\d\.\d° from .* give the centre and the shape"):
        field_of(open_catalogue(open_shear(path), CatalogueOptions(NAMES)), 2.0)


def test_a_sample_is_every_kth_row_whatever_the_pieces(monkeypatch):
    monkeypatch.setattr(rows, "LARGEST_SAMPLE", 100)
    whole, parts, values = rows.Sample(), rows.Sample(), np.arange(1234.0)
    whole.add(values)
    for part in np.array_split(values, 17):
        parts.add(part)
    np.testing.assert_array_equal(parts.rows, whole.rows)
    np.testing.assert_array_equal(whole.rows, np.arange(0, 1234, 16))


# Several files


def test_several_files_are_one_catalogue(tmp_path):
    table = galaxies()
    whole = read_catalogue(open_shear(write(tmp_path / "whole.fits", table)), CatalogueOptions(NAMES))
    paths = []
    for name, part in (("a.fits", slice(0, 90)), ("b.csv", slice(90, 91)), ("c.h5", slice(91, None))):
        paths.append(write(tmp_path / name, {key: values[part] for key, values in table.items()}))
    parts = read_catalogue(open_shear(paths), CatalogueOptions(NAMES))
    for key in ("ra", "dec", "e1", "e2", "weight"):
        np.testing.assert_array_equal(getattr(parts, key), getattr(whole, key))
    assert any("3 files: 300 rows" in note for note in parts.notes)
    assert open_shear(paths).label == "a.fits and 2 more"


def test_files_of_other_catalogues_are_refused(tmp_path):
    table = galaxies()
    first = write(tmp_path / "a.fits", table)
    other = write(tmp_path / "b.fits", {key: values for key, values in table.items() if key != "flag"})
    with pytest.raises(ValueError, match=r"'.*b\.fits' has other columns than '.*a\.fits'.* flag") as refused:
        open_catalogue(open_shear([first, other]), CatalogueOptions(NAMES))
    assert str(refused.value).startswith("'")
    with pytest.raises(ValueError, match="given twice"):
        open_shear([first, first])
    (tmp_path / "c.fits").write_bytes(first.read_bytes()[:-2880])
    with pytest.raises(ValueError, match=r"c\.fits"):
        open_shear([first, tmp_path / "c.fits"])
    in_radians = Table(table)
    in_radians["RA"].unit = "rad"
    in_radians.write(tmp_path / "d.fits")
    with pytest.raises(ValueError, match=r"'.*d\.fits': the units of column 'RA' differ"):
        open_catalogue(open_shear([first, tmp_path / "d.fits"]), CatalogueOptions(NAMES))


# Memory


@pytest.mark.parametrize("name", ["cat.fits", "cat.npz", "cat.parquet", "cat.h5"])
def test_memory_does_not_follow_the_catalogue(name, tmp_path, cut, monkeypatch):
    monkeypatch.setattr(rows, "LARGEST_SAMPLE", 1000)
    monkeypatch.setattr(extent, "FEW", 1000)
    cut(4000)
    path = write(tmp_path / name, galaxies(60_000))  # 4.3 MB
    options = {"centre": (0.5, 60.5), "shape": (30, 30)}
    tracemalloc.start()
    catalogue = open_catalogue(open_shear(path), CatalogueOptions(NAMES))
    bin_shear(catalogue, *field_of(catalogue, 2.0, **options))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3e6
