"""Coverages in radians per pixel from files."""

from pathlib import Path

import numpy as np
import pytest

from lofi.radio.coverage import read_coverage

PUBLISHED = Path(__file__).parents[3].parent / "shared" / "data" / "radio" / "meerkat_1h_uv_rescaled.npz"
GOOD = np.array([-np.pi, 0.3, np.pi])


def test_what_is_written_is_read(tmp_path):
    np.savez(tmp_path / "uv.npz", u=GOOD, v=GOOD[::-1], note="text")
    x, y = read_coverage(tmp_path / "uv.npz")
    assert np.array_equal(x, GOOD)
    assert np.array_equal(y, GOOD[::-1])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"u": GOOD}, "no array v; found u"),
        ({"a": GOOD}, "no array u and v; found a"),
        ({"u": GOOD, "v": GOOD[:2]}, r"v is float64 \(2,\)"),
        ({"u": GOOD[:0], "v": GOOD[:0]}, r"u is float64 \(0,\)"),
        ({"u": GOOD[None], "v": GOOD[None]}, r"u is float64 \(1, 3\)"),
        ({"u": GOOD + 0j, "v": GOOD}, "u is complex128"),
        ({"u": GOOD, "v": [0, np.nan, 0]}, "v contains NaN"),
        ({"u": [0, 0, np.inf], "v": GOOD}, "u contains NaN or inf"),
        ({"u": GOOD * 1.01, "v": GOOD}, "u reaches 3.173"),
    ],
)
def test_bad_files_are_named_with_what_is_wrong(tmp_path, arrays, message):
    np.savez(tmp_path / "bad.npz", **arrays)
    with pytest.raises(ValueError, match=rf"bad\.npz: {message}"):
        read_coverage(tmp_path / "bad.npz")


def test_a_file_cut_short_or_of_another_kind_is_named(tmp_path):
    np.savez(tmp_path / "uv.npz", u=GOOD, v=GOOD)
    (tmp_path / "cut.npz").write_bytes((tmp_path / "uv.npz").read_bytes()[:-30])
    np.save(tmp_path / "uv.npy", GOOD)
    for name in ("cut.npz", "uv.npy"):
        with pytest.raises(ValueError, match=f"{name}: not a whole npz file"):
            read_coverage(tmp_path / name)


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the data sets for checks are not here")
def test_the_published_coverage_fills_both_axes_off_centre():
    x, y = read_coverage(PUBLISHED)
    assert x.dtype == y.dtype == np.float64
    assert len(x) == 30240
    for axis in (x, y):
        assert (axis.min(), axis.max()) == pytest.approx((-np.pi, np.pi), abs=1e-6)
