"""Files: HDF5 and FITS round trips, fingerprints, atomic replacement."""

import os
import socket
import subprocess
import sys
import warnings

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from lofi.io import hdf5
from lofi.io.atomic import replacing
from lofi.io.fits import write_maps

RECORD = {"channels": ["kappa_e"], "pixel_arcmin": 2.34375, "name": ["mass", "test", 3], "µ": "κ"}


def arrays():
    rng = np.random.default_rng(1)
    return {"truth": rng.standard_normal((3, 1, 8, 9)).astype(np.float32), "box": np.arange(3)}


def test_hdf5_round_trip(tmp_path):
    path = tmp_path / "new" / "data.h5"
    hdf5.write(path, RECORD, **arrays())
    record, box, truth = hdf5.read(path, "box", "truth")
    assert record == RECORD | {"fingerprint": hdf5.fingerprint(RECORD, *arrays().values())}
    assert np.array_equal(truth, arrays()["truth"])
    assert truth.dtype == np.float32
    assert np.array_equal(box, arrays()["box"])
    assert [file.name for file in path.parent.iterdir()] == ["data.h5"]


def test_fingerprints_differ_when_anything_differs():
    truth, box = arrays().values()
    other = truth.copy()
    other[0, 0, 0, 0] = np.nextafter(other[0, 0, 0, 0], 2)
    marks = [
        hdf5.fingerprint(RECORD, truth, box),
        hdf5.fingerprint(RECORD | {"pixel_arcmin": 1.0}, truth, box),
        hdf5.fingerprint(RECORD, other, box),
        hdf5.fingerprint(RECORD, truth),
        hdf5.fingerprint(RECORD, box, truth),
        hdf5.fingerprint(RECORD, truth.reshape(3, 1, 9, 8), box),
        hdf5.fingerprint(RECORD, truth.view(np.int32), box),
        hdf5.fingerprint(RECORD, np.concatenate([truth, truth]), box),
    ]
    assert len(set(marks)) == len(marks)
    again = {key: RECORD[key] for key in reversed(RECORD)}  # neither order nor memory layout matters
    assert hdf5.fingerprint(again, np.asfortranarray(truth), box) == marks[0]


def test_missing_and_foreign_files(tmp_path):
    with pytest.raises(ValueError, match=r"data.h5 cannot be read as HDF5: .*No such file"):
        hdf5.read(tmp_path / "data.h5")
    hdf5.write(tmp_path / "data.h5", RECORD, **arrays())
    with pytest.raises(ValueError, match=r"data.h5 lacks observed; it was not written by this workflow"):
        hdf5.read(tmp_path / "data.h5", "truth", "observed")
    import h5py

    with h5py.File(tmp_path / "foreign.h5", "w") as file:
        file["truth"] = np.zeros(3)
    with pytest.raises(ValueError, match=r"foreign.h5 lacks record, fingerprint"):
        hdf5.read(tmp_path / "foreign.h5", "truth")


@pytest.mark.parametrize("kept", [0, 10, 1000, -1])
def test_truncated_hdf5_is_named(tmp_path, kept):
    path = tmp_path / "data.h5"
    hdf5.write(path, RECORD, **arrays())
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"data.h5 cannot be read as HDF5"):
        hdf5.read(path, "truth", "box")


def test_a_failed_write_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")

    def interrupted(error):
        with replacing(path) as temporary:
            temporary.write_text("half")
            assert path.read_text() == "old"
            raise error

    for error in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(error):
            interrupted(error)
        assert [file.name for file in tmp_path.iterdir()] == ["out.txt"]
    assert path.read_text() == "old"
    with replacing(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"
    assert [file.name for file in tmp_path.iterdir()] == ["out.txt"]


def test_an_unserialisable_record_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        hdf5.write(tmp_path / "data.h5", {"path": object()}, **arrays())
    assert list(tmp_path.iterdir()) == []


def plane(shape):
    """Header cards of the conventions' tangent plane: North up, East left."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [150.0, 2.0]
    wcs.wcs.crpix = [(n + 1) / 2 for n in shape[::-1]]
    wcs.wcs.cd = np.diag([-1, 1]) * 2.34375 / 60
    return wcs, wcs.to_header()


@pytest.fixture
def path(tmp_path):
    image = np.arange(63, dtype=float).reshape(7, 9)
    mask = image % 5 != 0
    maps = {"KAPPA": (np.where(mask, image, np.nan), ""), "MASK": (mask, ""), "NOISE_STD": (image, "")}
    history = ["seed: mass/test/3", "catalogue: Übersicht.fits", "x" * 200]
    cards = {"PIXARCM": (2.34375, "[arcmin] side of a pixel")}
    write_maps(tmp_path / "map.fits", maps, plane(image.shape)[1], simulated=True, history=history, cards=cards)
    return tmp_path / "map.fits"


def test_fits_headers_are_valid_and_complete(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with fits.open(path, checksum=True) as hdus:  # a wrong checksum would warn
            hdus.verify("exception")
            header = hdus[0].header
            assert [hdu.name for hdu in hdus] == ["PRIMARY", "KAPPA", "MASK", "NOISE_STD"]
            assert header["SIMULATD"] is True
            assert header["PIXARCM"] == 2.34375
            assert header["CREATOR"].startswith("lofi-maps")
            assert {"ORIGIN", "DATE", "HISTORY"} <= set(header)
            assert "seed: mass/test/3" in list(header["HISTORY"])
            assert all("CHECKSUM" in hdu.header and "DATASUM" in hdu.header for hdu in hdus)
    assert [file.name for file in path.parent.iterdir()] == ["map.fits"]


def test_fits_images_and_coordinates_come_back(path):
    image = np.arange(63, dtype=float).reshape(7, 9)
    with fits.open(path) as hdus:
        mask = hdus["MASK"].data.astype(bool)
        assert hdus["MASK"].data.dtype == np.uint8
        assert np.array_equal(mask, image % 5 != 0)
        assert np.isnan(hdus["KAPPA"].data[~mask]).all()
        assert np.array_equal(hdus["KAPPA"].data[mask], image[mask])
        again = WCS(hdus["KAPPA"].header)
    wcs, _ = plane(image.shape)
    y, x = np.mgrid[:7, :9]
    np.testing.assert_allclose(again.all_pix2world(x, y, 0), wcs.all_pix2world(x, y, 0), rtol=0, atol=1e-10)
    assert again.all_pix2world(4.0, 3.0, 0) == pytest.approx([150.0, 2.0])
    assert again.all_world2pix(150.0, 2.1, 0)[1] > 3.0  # North up
    assert again.all_world2pix(150.1, 2.0, 0)[0] < 4.0  # East left


def test_damage_to_fits_data_is_noticed(path):
    raw = bytearray(path.read_bytes())
    with fits.open(path) as hdus:
        raw[hdus["NOISE_STD"]._data_offset + 5] ^= 1
    path.write_bytes(raw)
    with pytest.warns(Warning, match="verification failed"), fits.open(path, checksum=True) as hdus:
        _ = [hdu.data for hdu in hdus]


def test_real_skies_say_so(tmp_path):
    write_maps(tmp_path / "map.fits", {"KAPPA": (np.zeros((4, 4)), "")}, {}, simulated=False, history=[])
    assert fits.getheader(tmp_path / "map.fits")["SIMULATD"] is False


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path):
    """And that of a writer that lives, of another machine, or of another output is not."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    host = socket.gethostname()
    kept = {f".a.txt.{host}.{os.getppid()}.tmp", f".a.txt.elsewhere.{dead.pid}.tmp", f".b.txt.{host}.{dead.pid}.tmp"}
    for name in (*kept, f".a.txt.{host}.{dead.pid}.tmp"):
        (tmp_path / name).write_text("half")
    with replacing(tmp_path / "a.txt") as path:
        path.write_text("whole")
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt"} | kept
