"""Tables of text: comments, names of columns, and rows that mix kinds."""

import numpy as np
import pytest
from shear_tables import read


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
