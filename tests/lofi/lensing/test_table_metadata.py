"""Units, frames and missing values that tables state beside their columns, and in the names of columns."""

import h5py
import numpy as np
import pytest
from astropy.coordinates import FK4, FK5, SkyCoord
from astropy.io import fits
from astropy.table import Table

from lofi.lensing.catalogue import read_catalogue
from lofi.lensing.catalogue_options import CatalogueOptions
from lofi.lensing.shear_file import open_shear

RNG = np.random.default_rng(11)
COUNT = 30
GALAXIES = {"ra": 150 + RNG.random(COUNT), "dec": 2 + RNG.random(COUNT)}
GALAXIES |= {"e1": 0.2 * RNG.standard_normal(COUNT), "e2": 0.2 * RNG.standard_normal(COUNT)}
COLUMNS = {key: key for key in GALAXIES}
IN_RADIANS = GALAXIES | {key: np.radians(GALAXIES[key]) for key in ("ra", "dec")}


def read(path, columns=COLUMNS, **options):
    return read_catalogue(open_shear(path), CatalogueOptions(columns, **options))


def radians():
    table = Table(IN_RADIANS)
    table["ra"].unit = table["dec"].unit = "rad"
    return table


def parquet_field(path):
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    fields = [
        pa.field(key, pa.float64(), metadata={"unit": "rad"} if key in ("ra", "dec") else None) for key in COLUMNS
    ]
    parquet.write_table(pa.table([pa.array(IN_RADIANS[key]) for key in COLUMNS], schema=pa.schema(fields)), path)


def parquet_astropy(path):
    pytest.importorskip("pyarrow")
    radians().write(path)


FORMS = {
    "astropy.parquet": parquet_astropy,
    "fields.parquet": parquet_field,
    "records.h5": lambda path: radians().write(path, path="cat/shapes", serialize_meta=True),
}


@pytest.mark.parametrize("name", FORMS)
def test_units_beside_the_columns_are_obeyed(name, tmp_path):
    FORMS[name](tmp_path / name)
    catalogue = read(tmp_path / name)
    np.testing.assert_allclose(catalogue.ra, GALAXIES["ra"], rtol=1e-12)
    np.testing.assert_allclose(catalogue.dec, GALAXIES["dec"], rtol=1e-12)
    assert "column ra: rad converted to degrees" in catalogue.notes


def test_records_without_units_are_a_table_of_their_own(tmp_path):
    with h5py.File(tmp_path / "cat.h5", "w") as file:
        file["cat"] = Table(GALAXIES).as_array()
        file["other/x"] = np.zeros(3)
    catalogue = read(tmp_path / "cat.h5")
    np.testing.assert_array_equal(catalogue.ra, GALAXIES["ra"])
    assert catalogue.notes == ("table cat: 30 rows",)


@pytest.mark.parametrize(
    ("names", "values"),
    [
        (("ra (rad)", "dec (rad)"), IN_RADIANS),
        (("RA[radians]", "DEC[radians]"), IN_RADIANS),
        (("ra_rad", "dec_rad"), IN_RADIANS),
        (("ra_hours", "dec_deg"), GALAXIES | {"ra": GALAXIES["ra"] / 15}),
        (("ra_deg", "dec_deg"), GALAXIES),
        (("i_ra", "grad"), GALAXIES),  # names that end alike, without a unit
    ],
)
def test_units_at_the_end_of_a_name_are_obeyed(names, values, tmp_path):
    table = dict(zip((*names, "e1", "e2"), values.values(), strict=True))
    Table(table).write(tmp_path / "cat.csv", format="ascii.csv")
    catalogue = read(tmp_path / "cat.csv", COLUMNS | {"ra": names[0], "dec": names[1]})
    np.testing.assert_allclose(catalogue.ra, GALAXIES["ra"], rtol=1e-12)
    np.testing.assert_allclose(catalogue.dec, GALAXIES["dec"], rtol=1e-12)
    assert any("converted" in note for note in catalogue.notes) == (values is not GALAXIES)


def test_a_unit_counts_more_than_a_name_and_a_scale_more_than_both(tmp_path):
    table = Table(GALAXIES)
    table.rename_column("ra", "ra_rad")
    table["ra_rad"].unit = "deg"
    table.write(tmp_path / "cat.fits")
    np.testing.assert_array_equal(read(tmp_path / "cat.fits", COLUMNS | {"ra": "ra_rad"}).ra, GALAXIES["ra"])
    scaled = read(tmp_path / "cat.fits", COLUMNS | {"ra": {"name": "ra_rad", "scale": 0.5}})
    np.testing.assert_array_equal(scaled.ra, GALAXIES["ra"] / 2)


def test_units_of_sextractor_are_obeyed(tmp_path):
    lines = [
        "#   1 ra   Right ascension (J2000)  [rad]",
        "#   2 dec  Declination  [rad]",
        "# 3 e1 [count]  text",
        "# 4 e2",
    ]
    lines += [" ".join(map(repr, map(float, row))) for row in zip(*IN_RADIANS.values(), strict=True)]
    (tmp_path / "cat.txt").write_text("\n".join(lines) + "\n")
    np.testing.assert_allclose(read(tmp_path / "cat.txt").ra, GALAXIES["ra"], rtol=1e-12)


# Frames


def expected(frame):
    return SkyCoord(GALAXIES["ra"], GALAXIES["dec"], unit="deg", frame=frame).icrs.ra.deg


def votable(path, systems, reference=None):
    """A VOTable with coordinate systems {ID: attributes}, of which ra and dec name one."""
    Table(GALAXIES).write(path, format="votable")
    words = "".join(f'<COOSYS ID="{key}" {attributes}/>' for key, attributes in systems.items())
    text = path.read_text().replace('<RESOURCE type="results">', f'<RESOURCE type="results">{words}')
    for key in ("ra", "dec") if reference else ():
        text = text.replace(f'ID="{key}" ', f'ID="{key}" ref="{reference}" ')
    path.write_text(text)


B1950, J1975 = FK4(equinox="B1950"), FK5(equinox="J1975")
SYSTEMS = {"old": 'system="eq_FK4" equinox="B1950"', "new": 'system="eq_FK5" equinox="J2000"'}


@pytest.mark.parametrize(
    ("systems", "reference", "frame"),
    [
        ({"a": 'system="FK4" equinox="B1950"'}, None, B1950),
        ({"a": 'system="eq_FK4"'}, None, B1950),
        ({"a": 'system="eq_FK5" equinox="J1975"'}, None, J1975),
        ({"a": 'system="ICRS"'}, None, "icrs"),
        ({"a": 'system="barycentric"'}, None, "icrs"),
        (SYSTEMS, "old", B1950),
        (SYSTEMS, "new", "icrs"),
        (SYSTEMS, None, "icrs"),
        ({"a": 'system="galactic"'} | SYSTEMS, "new", "icrs"),
    ],
)
def test_columns_of_votables_have_the_coordinate_system_that_they_name(systems, reference, frame, tmp_path):
    votable(tmp_path / "cat.vot", systems, reference)
    np.testing.assert_allclose(read(tmp_path / "cat.vot").ra, expected(frame), atol=1e-9)


def test_galactic_columns_of_votables_are_refused(tmp_path):
    votable(tmp_path / "cat.vot", {"a": 'system="galactic"'} | SYSTEMS, "a")
    with pytest.raises(ValueError, match="GALACTIC; expected ICRS"):
        read(tmp_path / "cat.vot")


@pytest.mark.parametrize("name", ["cat.ecsv", "cat.parquet"])
def test_the_frame_in_the_metadata_of_astropy_is_obeyed(name, tmp_path):
    if name == "cat.parquet":
        pytest.importorskip("pyarrow")
    table = Table(GALAXIES, meta={"RADESYS": "FK4", "EQUINOX": 1950.0})
    table.write(tmp_path / name)
    np.testing.assert_allclose(read(tmp_path / name).ra, expected(B1950), atol=1e-9)


# Missing values


@pytest.mark.parametrize(("null", "form"), [("-99", "I6"), ("****", "F20.12")])
def test_null_text_of_ascii_tables_is_missing(null, form, tmp_path):
    columns = [fits.Column(key, "F20.12", array=GALAXIES[key]) for key in ("ra", "dec", "e1", "e2")]
    values = np.arange(1, COUNT + 1) if form == "I6" else np.ones(COUNT)
    columns.append(fits.Column("w", form, array=values, null=null))
    hdu = fits.TableHDU.from_columns(columns)
    hdu.writeto(tmp_path / "cat.fits")
    with fits.open(tmp_path / "cat.fits") as hdus:
        start = hdus[1]._data_offset + 4 * hdu.header["NAXIS1"] + hdu.header["TBCOL5"] - 1
    content = bytearray((tmp_path / "cat.fits").read_bytes())
    width = int(form[1:].split(".")[0])
    content[start : start + width] = null.rjust(width).encode()
    (tmp_path / "cat.fits").write_bytes(content)
    columns = COLUMNS | {"weight": "w"}
    with pytest.raises(ValueError, match=r"missing in 1 of 30 rows"):
        read(tmp_path / "cat.fits", columns)
    with pytest.warns(UserWarning, match="1 of 30 rows"):
        catalogue = read(tmp_path / "cat.fits", columns, drop_invalid=True)
    np.testing.assert_allclose(catalogue.weight, np.delete(values, 4))
