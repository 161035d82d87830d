"""What a table says about its columns is converted, obeyed or refused, in every format that can say it."""

import gzip

import h5py
import numpy as np
import pytest
from astropy import units
from astropy.coordinates import FK4, Angle, SkyCoord
from astropy.io import fits
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


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_galaxies(name, tmp_path):
    catalogue = read(write(tmp_path / name, GALAXIES))
    for key in ("ra", "dec", "e1", "e2"):
        np.testing.assert_allclose(getattr(catalogue, key), GALAXIES[key], rtol=1e-14)
    np.testing.assert_allclose(catalogue.weight, GALAXIES["w"], rtol=1e-14)


@pytest.mark.parametrize("name", WITH_UNITS)
@pytest.mark.parametrize("unit", ["rad", "arcmin", "arcsec", "hourangle", "deg", None])
def test_angles_of_any_unit_become_degrees(name, unit, tmp_path):
    if (name, unit) == ("cat.fits", "hourangle"):
        pytest.skip("astropy writes no hours; the next test does")
    scale = 1.0 if unit is None else (1 * units.Unit(unit)).to_value(units.deg)
    table = with_unit(ra=(GALAXIES["ra"] / scale, unit), dec=(GALAXIES["dec"] / scale, unit))
    catalogue = read(write(tmp_path / name, table))
    np.testing.assert_allclose(catalogue.ra, GALAXIES["ra"], rtol=1e-12)
    np.testing.assert_allclose(catalogue.dec, GALAXIES["dec"], rtol=1e-12)
    assert any("converted to degrees" in note for note in catalogue.notes) == (unit not in (None, "deg"))


@pytest.mark.parametrize("spelling", ["h", "hr", "hour", "hours", "hourangle", "HOURANGLE"])
def test_hours_are_spelt_in_many_ways(spelling, tmp_path):
    write(tmp_path / "cat.fits", GALAXIES | {"ra": GALAXIES["ra"] / 15})
    with fits.open(tmp_path / "cat.fits", mode="update") as hdus:
        hdus[1].header["TUNIT1"] = spelling
    np.testing.assert_allclose(read(tmp_path / "cat.fits").ra, GALAXIES["ra"], rtol=1e-12)


@pytest.mark.parametrize(
    ("words", "scale"), [("Angle[deg]", 1.0), ("degrees (J2000)", 1.0), ("Radians, ICRS", 180 / np.pi), ("DEG", 1.0)]
)
def test_words_that_name_one_angle_are_understood(words, scale, tmp_path):
    write(tmp_path / "cat.fits", GALAXIES | {"ra": GALAXIES["ra"] / scale})
    with fits.open(tmp_path / "cat.fits", mode="update") as hdus:
        hdus[1].header["TUNIT1"] = words
    np.testing.assert_allclose(read(tmp_path / "cat.fits").ra, GALAXIES["ra"], rtol=1e-12)


@pytest.mark.parametrize("words", ["d", "grad", "degrees or radians", "pixel"])
def test_words_that_name_no_angle_are_refused(words, tmp_path):
    write(tmp_path / "cat.fits", GALAXIES)
    with fits.open(tmp_path / "cat.fits", mode="update") as hdus:
        hdus[1].header["TUNIT1"] = words
    with pytest.raises(ValueError, match="expected an angle for ra"):
        read(tmp_path / "cat.fits")


@pytest.mark.parametrize("name", WITH_UNITS)
@pytest.mark.parametrize(
    ("column", "unit", "sentence"),
    [
        ("ra", "m", "expected an angle for ra"),
        ("dec", "Jy", "expected an angle"),
        ("e1", "arcsec", "expected an ellip"),
    ],
)
def test_other_units_are_refused(name, column, unit, sentence, tmp_path):
    with pytest.raises(ValueError, match=rf"column '{column}' of .*cat.* has the unit '{unit}'; {sentence}"):
        read(write(tmp_path / name, with_unit(**{column: (GALAXIES[column], unit)})))


def test_percent_is_converted_and_unknown_words_are_no_unit(tmp_path):
    table = with_unit(e1=(100 * GALAXIES["e1"], "percent"))
    catalogue = read(write(tmp_path / "cat.fits", table))
    np.testing.assert_allclose(catalogue.e1, GALAXIES["e1"])
    write(tmp_path / "words.fits", GALAXIES)
    with fits.open(tmp_path / "words.fits", mode="update") as hdus:
        hdus[1].header["TUNIT3"], hdus[1].header["TUNIT5"] = "distortion", "counts"
    np.testing.assert_allclose(read(tmp_path / "words.fits").e1, GALAXIES["e1"])


def test_a_scale_that_is_given_counts_instead_of_the_unit(tmp_path):
    path = write(tmp_path / "cat.fits", with_unit(ra=(GALAXIES["ra"] / 2, "rad")))
    catalogue = read(path, COLUMNS | {"ra": {"name": "ra", "scale": 2.0}})
    np.testing.assert_allclose(catalogue.ra, GALAXIES["ra"])


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


@pytest.mark.parametrize("name", ["cat.fits", "cat.csv", "cat.ecsv", "cat.h5"])
@pytest.mark.parametrize("form", ["colons", "letters"])
def test_sexagesimal_coordinates_are_converted(name, form, tmp_path):
    separator = ":" if form == "colons" else "fromunit"
    texts = {
        "ra": Angle(GALAXIES["ra"], "deg").to_string(units.hourangle, sep=separator, precision=5),
        "dec": Angle(GALAXIES["dec"], "deg").to_string(units.deg, sep=separator, precision=4, alwayssign=True),
    }
    catalogue = read(write(tmp_path / name, GALAXIES | {key: np.array(list(text)) for key, text in texts.items()}))
    np.testing.assert_allclose(catalogue.ra, GALAXIES["ra"], atol=1e-6)
    np.testing.assert_allclose(catalogue.dec, GALAXIES["dec"], atol=1e-6)


def test_a_catalogue_of_1950_is_brought_to_icrs_with_its_ellipticities(tmp_path):
    path = write(tmp_path / "cat.fits", GALAXIES)
    with fits.open(path, mode="update") as hdus:
        hdus[1].header["RADESYS"], hdus[1].header["EQUINOX"] = "FK4", 1950.0
    catalogue = read(path)
    old = SkyCoord(GALAXIES["ra"], GALAXIES["dec"], unit="deg", frame=FK4(equinox="B1950"))
    # An ellipse is drawn by two points along it: the line is turned by astropy, not by us.
    along = np.angle(GALAXIES["e1"] + 1j * GALAXIES["e2"]) / 2 - np.pi / 2  # position angle: North through East
    tip = old.directional_offset_by(along * units.rad, 1 * units.arcsec).icrs
    angle = old.icrs.position_angle(tip).rad + np.pi / 2
    expected = np.hypot(GALAXIES["e1"], GALAXIES["e2"]) * np.exp(2j * angle)
    np.testing.assert_allclose(catalogue.ra, old.icrs.ra.deg, atol=1e-9)
    np.testing.assert_allclose(catalogue.dec, old.icrs.dec.deg, atol=1e-9)
    np.testing.assert_allclose(catalogue.e1 + 1j * catalogue.e2, expected, atol=1e-4)
    assert np.abs(catalogue.e1 - GALAXIES["e1"]).max() > 1e-3
    assert "FK4 B1950" in " ".join(catalogue.notes)
    with fits.open(path, mode="update") as hdus:
        hdus[1].header["RADESYS"], hdus[1].header["EQUINOX"] = "FK5", 2000.0
    np.testing.assert_array_equal(read(path).ra, GALAXIES["ra"])


@pytest.mark.parametrize(("key", "column"), [("ra", "GLON"), ("dec", "glat"), ("ra", "elon")])
def test_other_coordinates_are_refused_by_name(key, column, tmp_path):
    table = {column if name == key else name: values for name, values in GALAXIES.items()}
    with pytest.raises(ValueError, match=rf"column '{column}' is (galactic|ecliptic) by its name; expected {key}"):
        read(write(tmp_path / "cat.csv", table), COLUMNS | {key: column})


# Which tables and rows


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


@pytest.mark.parametrize("name", ["cat.fits", "cat.csv", "cat.h5", "cat.parquet", "cat.npz"])
@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("flag == 0 & z > 0.5", (GALAXIES["flag"] == 0) & (GALAXIES["z"] > 0.5)),
        ("flag == 0 and not z > 0.5", (GALAXIES["flag"] == 0) & ~(GALAXIES["z"] > 0.5)),
        ("(flag == 1) | ~(z <= 0.5)", (GALAXIES["flag"] == 1) | (GALAXIES["z"] > 0.5)),
        ("0.2 < z < 0.6", (GALAXIES["z"] > 0.2) & (GALAXIES["z"] < 0.6)),
        ("(flag & 1) == 0", GALAXIES["flag"] != 1),
        ("(flag | 1) == 3 and z > 0", GALAXIES["flag"] == 2),
        ("2 * z - 1 >= -flag / 4", 2 * GALAXIES["z"] - 1 >= -GALAXIES["flag"] / 4),
    ],
)
def test_rows_are_selected_by_expressions(name, select, expected, tmp_path):
    catalogue = read(write(tmp_path / name, GALAXIES), select=select)
    np.testing.assert_allclose(catalogue.ra, GALAXIES["ra"][expected])
    assert f"selection {select}: {expected.sum()} of 40 rows" in catalogue.notes


@pytest.mark.parametrize(
    ("select", "sentence"),
    [
        ("flag ==", "no expression"),
        ("z", "gives numbers; expected a comparison"),
        ("z + 1", "gives numbers"),
        ("1 < 2", "compares no column"),
        ("'a'", "names no column"),
        ("flag & 1 == 0", r"compares no column; bits need parentheses, \(flag & 2\) == 0"),
        ("magnitude < 24", "no column 'magnitude'"),
        ("open('x') == 0", "holds a call"),
        ("z.__class__ == 0", "holds a attribute"),
        ("z[0] == 0", "holds a subscript"),
        ("z > 0.5 & flag + 0.5", "neither true nor false"),
        ("z > 5", "has no rows where z > 5"),
    ],
)
def test_other_expressions_are_refused(select, sentence, tmp_path):
    with pytest.raises(ValueError, match=rf"'.*cat.csv'( has|: --select|.*).*{sentence}") as refusal:
        read(write(tmp_path / "cat.csv", GALAXIES), select=select)
    assert "damaged" not in str(refusal.value)


@pytest.mark.parametrize("name", WITH_NULLS)
@pytest.mark.parametrize(
    ("select", "kept"),
    [
        ("flag == 0", [0]),
        ("flag != 1", [0, 2]),
        ("~(flag > 1)", [0, 1]),
        ("(flag & 2) == 0", [0, 1]),
        ("not flag == 2", [0, 1]),
        ("flag - 1 < 1", [0, 1]),
    ],
)
def test_rows_where_a_selecting_value_is_missing_are_left_out(name, select, kept, tmp_path):
    table = Table(GALAXIES, masked=True)
    mask = np.zeros(COUNT, bool)
    mask[[3, 7]] = True
    table["flag"] = MaskedColumn(GALAXIES["flag"], mask=mask, fill_value=99)
    expected = np.isin(GALAXIES["flag"], kept) & ~mask
    np.testing.assert_allclose(read(write(tmp_path / name, table), select=select).ra, GALAXIES["ra"][expected])


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int64])
def test_small_integers_do_not_wrap(kind, tmp_path):
    path = write(tmp_path / "cat.fits", GALAXIES | {"flag": np.arange(COUNT, dtype=kind)})
    assert len(read(path, select="flag - 1 < 5")) == 6
    assert len(read(path, select="flag * 100 > 300")) == COUNT - 4
    assert len(read(path, select="-flag < -5")) == COUNT - 6


def test_a_number_sign_within_a_value_is_no_comment(tmp_path):
    rows = "".join(f"A#{n},{150 + 0.01 * n},2.0,0.1,0.2\n" for n in range(5))
    (tmp_path / "cat.csv").write_text("id,ra,dec,e1,e2\n" + rows + "# the end\n")
    assert len(read(tmp_path / "cat.csv", {key: key for key in ("ra", "dec", "e1", "e2")})) == 5


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("10.5,2.0,.1,.2\n00:42:10,2.0,.1,.2\n", "holds numbers and text such as '00:42:10'"),
        ("10.5,2.0,.1,.2\nunknown,2.0,.1,.2\n", "holds numbers and text such as 'unknown'"),
        ("10.5,2.0,.1,.2,7\n", "has 4 column names and 5 values"),
        ("10:00:00,2.0,.1,.2\nten,2.0,.1,.2\n", "text that is no angle: .*ten"),
    ],
)
def test_rows_that_mix_kinds_are_refused(rows, sentence, tmp_path):
    (tmp_path / "cat.csv").write_text("ra,dec,e1,e2\n" + rows)
    with pytest.raises(ValueError, match=sentence):
        read(tmp_path / "cat.csv", {key: key for key in ("ra", "dec", "e1", "e2")})


@pytest.mark.parametrize(
    "text",
    [
        "# ra dec e1 e2\n10:00:00.0 +20:00:00 0.1 0.1\n10:00:04.0 +20:00:01 0.1 0.2\n",
        "# id,ra,dec,e1,e2\nDES J0102,150.0,20.0,.1,.1\nDES J0103,150.01,20.0,.1,.2\n",
        "# ra dec e1 e2\n# deg deg none none\n150.0 20.0 0.1 0.1\n150.01 20.0 0.1 0.2\n",
        "# ra dec e1 e2\n# my little notes here\n150.0 20.0 0.1 0.1\n150.01 20.0 0.1 0.2\n",
        "#   1 ra [deg]\n#   2 dec [deg]\n#   3 e1\n#   4 e2\n150.0 20.0 0.1 0.1\n150.01 20.0 0.1 0.2\n",
        "ra dec e1 e2\n150.0 20.0 0.1 0.1\n150.01 20.0 0.1 0.2\n",
    ],
)
def test_names_in_comments_are_found(text, tmp_path):
    (tmp_path / "cat.txt" if "," not in text else tmp_path / "cat.csv").write_text(text)
    (path,) = tmp_path.iterdir()
    catalogue = read(path, {key: key for key in ("ra", "dec", "e1", "e2")})
    assert catalogue.ra[0] == pytest.approx(150.0)
    np.testing.assert_allclose(catalogue.e2, [0.1, 0.2])


def test_numbers_without_names_are_refused(tmp_path):
    (tmp_path / "cat.txt").write_text("# my catalogue\n150.0 20.0 0.1 0.1\n")
    with pytest.raises(ValueError, match="has no line of 4 column names above its numbers"):
        read(tmp_path / "cat.txt")


# Impossible values


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


# Estimators


@pytest.mark.parametrize(
    ("options", "factor"),
    [
        ({}, 1.0),
        ({"responsivity": 1.7}, 1.7),
        ({"estimator": "lensfit"}, 1.0),
        ({"estimator": "lensfit", "responsivity": 0.97}, 0.97),
        ({"estimator": "metacal", "responsivity": 0.68}, 0.68),
        ({"estimator": "hsc-regauss", "responsivity": 0.84}, 1.68),
    ],
)
def test_estimators_divide_by_their_response(options, factor, tmp_path):
    catalogue = read(write(tmp_path / "cat.csv", GALAXIES), **options)
    np.testing.assert_allclose(catalogue.e1, GALAXIES["e1"] / factor)
    assert any(f"divided by {factor:g}" in note for note in catalogue.notes) == (factor != 1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"estimator": "metacal"}, "no sheared variants 1p, 1m, 2p, 2m of 'e1'; .* --responsivity"),
        ({"estimator": "metadetect"}, "lacks the tables of metadetect's variants"),
        ({"estimator": "hsc-regauss"}, "needs --responsivity"),
        ({"estimator": "hsc-regauss", "responsivity": 1.68}, "the command doubles R itself"),
        ({"estimator": "metacal", "responsivity": 20.0}, "expected R of metacal, from 0.1 to 1.5"),
        ({"estimator": "im3shape"}, "expected one of shear, lensfit, metacal, metadetect, hsc-regauss"),
        ({"responsivity": -1.0}, "responsivity is -1"),
    ],
)
def test_responses_that_cannot_be_are_refused(options, sentence, tmp_path):
    with pytest.raises(ValueError, match=sentence):
        read(write(tmp_path / "cat.csv", GALAXIES), **options)
    with pytest.raises(ValueError, match="needs its weights"):
        read(write(tmp_path / "unweighted.csv", GALAXIES), COLUMNS | {"weight": None}, estimator="lensfit")
