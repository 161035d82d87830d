"""Rows of a table are selected by expressions."""

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from shear_tables import COUNT, GALAXIES, WITH_NULLS, read, write


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
