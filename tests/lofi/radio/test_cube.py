"""`lofi image --cube`: planes of neighbouring channels, each imaged as it would be alone."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from astropy import units
from astropy.io import fits
from astropy.wcs import WCS
from measurement_set import FLUX, write

from lofi.cli import main
from lofi.io.radio_cube import PlaneStore, write_radio_cube

tables = pytest.importorskip("casacore.tables")

SIZE, CELL = 48, 2.0
FIRST, WIDTH = 1.4e9, 2e6  # Hz, of the channels
LINE = slice(2, 4)  # channels with the source
PRODUCTS = ("dirty", "psf", "model", "residual", "image")


def run(path, folder, prefix, *arguments):
    """Run the command; the exit code."""
    command = ["image", str(path), "--prior", str(folder), "--output", str(prefix), "--size", str(SIZE)]
    try:
        main([*command, "--iterations", "2", *map(str, arguments)])
    except SystemExit as end:
        return end.code
    return 0


def line(path, flagged=(), channels=6, windows=None):
    """A source in the channels `LINE` alone, noise everywhere; whole channels `flagged`."""
    sigma, rng = 0.05, np.random.default_rng(5)
    with write(path, windows or ((FIRST, channels),), sigma=sigma) as main:
        data, flags = main.getcol("DATA"), main.getcol("FLAG")
        outside = np.setdiff1d(np.arange(data.shape[1]), np.arange(channels)[LINE])
        if windows is None:
            data[:, outside] = 0
        noise = sigma * (rng.standard_normal(data.shape) + 1j * rng.standard_normal(data.shape))
        main.putcol("DATA", data + noise.astype(np.complex64))
        flags[:, list(flagged)] = True
        main.putcol("FLAG", flags)
    return path


def cube(prefix, name):
    return fits.getdata(f"{prefix}-{name}.fits")[0].astype(float)


def test_a_line_is_in_its_planes_alone(denoiser_folder, tmp_path, capsys):
    path, prefix = line(tmp_path / "line.ms"), tmp_path / "line"
    assert run(path, denoiser_folder, prefix, "--cube", 3, "--cell", CELL) == 0, capsys.readouterr().err
    flux = cube(prefix, "image").max((1, 2))
    assert flux[1] == pytest.approx(FLUX, rel=0.05)
    assert (flux[[0, 2]] < 0.05 * FLUX).all()
    said = capsys.readouterr().err
    for plane in range(3):
        assert f"note: plane {plane}, {(FIRST + (2 * plane + 0.5) * WIDTH) / 1e6:.6g} MHz: chi2/M " in said


def test_planes_are_what_their_channels_give_alone(denoiser_folder, tmp_path):
    path, prefix = line(tmp_path / "line.ms"), tmp_path / "line"
    assert run(path, denoiser_folder, prefix, "--cube", 3, "--cell", CELL) == 0
    for plane in range(3):
        alone = tmp_path / f"alone{plane}"
        channels = f"{2 * plane}~{2 * plane + 1}"
        assert run(path, denoiser_folder, alone, "--channels", channels, "--cell", CELL) == 0
        for name in PRODUCTS:
            assert np.array_equal(cube(prefix, name)[plane], cube(alone, name)[0])
        beam = fits.getdata(f"{prefix}-image.fits", "BEAMS")[plane]
        header = fits.getheader(f"{alone}-image.fits")
        assert beam["BMAJ"] == pytest.approx(3600 * header["BMAJ"], rel=1e-6)
        assert beam["BPA"] == pytest.approx(header["BPA"], rel=1e-6)


def test_the_default_cell_is_that_of_the_longest_baseline_of_all(denoiser_folder, tmp_path):
    path = line(tmp_path / "line.ms")
    assert run(path, denoiser_folder, tmp_path / "cube", "--cube", 2) == 0
    assert run(path, denoiser_folder, tmp_path / "all") == 0
    cells = [fits.getheader(tmp_path / f"{name}-image.fits")["CDELT2"] for name in ("cube", "all")]
    assert cells[0] == cells[1]


def test_files_tell_frequencies_and_beams(denoiser_folder, tmp_path):
    path, prefix = line(tmp_path / "line.ms"), tmp_path / "line"
    assert run(path, denoiser_folder, prefix, "--cube", 3, "--cell", CELL) == 0
    for name in PRODUCTS:
        with fits.open(f"{prefix}-{name}.fits", checksum=True) as hdus:
            hdus.verify("exception")
            assert hdus[0].data.shape == (1, 3, SIZE, SIZE)
            axis = WCS(hdus[0].header).spectral
            expected = FIRST + (2 * np.arange(3) + 0.5) * WIDTH
            assert axis.pixel_to_world(np.arange(3)).to_value(units.Hz) == pytest.approx(expected, abs=1)
            assert hdus["FREQUENCIES"].data["FREQ"] == pytest.approx(expected, abs=1)
            assert hdus["FREQUENCIES"].data["BANDWIDTH"] == pytest.approx(2 * WIDTH)
            assert ("BEAMS" in hdus) == (name != "model")
            assert "BMAJ" not in hdus[0].header
            if name != "model":
                beams = hdus["BEAMS"]
                assert hdus[0].header["CASAMBM"] is True
                assert beams.columns.names == ["BMAJ", "BMIN", "BPA", "CHAN", "POL"]
                assert [beams.columns[column].unit for column in ("BMAJ", "BMIN", "BPA")] == ["arcsec", "arcsec", "deg"]
                assert (beams.header["NCHAN"], beams.header["NPOL"]) == (3, 1)
    assert pd.read_csv(f"{prefix}-trace.csv")["plane"].tolist() == [0, 0, 1, 1, 2, 2]


def test_a_flagged_group_is_a_blank_plane(denoiser_folder, tmp_path, capsys):
    path, prefix = line(tmp_path / "line.ms", flagged=(0, 1)), tmp_path / "line"
    assert run(path, denoiser_folder, prefix, "--cube", 3, "--cell", CELL) == 0
    assert f"note: plane 0, {(FIRST + 0.5 * WIDTH) / 1e6:.6g} MHz: no good visibilities" in capsys.readouterr().err
    image = cube(prefix, "image")
    assert np.isnan(image[0]).all()
    assert np.isfinite(image[1:]).all()
    assert np.isfinite(fits.getdata(f"{prefix}-image.fits", "BEAMS")["BMAJ"]).tolist() == [False, True, True]


def zeroed(path, channels):
    """The data of whole channels are 0, which cannot be imaged."""
    with tables.table(str(path), readonly=False, ack=False) as main:
        data = main.getcol("DATA")
        data[:, channels] = 0
        main.putcol("DATA", data)
    return path


def test_a_plane_that_cannot_be_imaged_is_blank_beside_others(denoiser_folder, tmp_path, capsys):
    path, prefix = zeroed(line(tmp_path / "line.ms"), [4, 5]), tmp_path / "line"
    assert run(path, denoiser_folder, prefix, "--cube", 3, "--cell", CELL, "--figure", tmp_path / "line.png") == 0
    words = f"{(FIRST + 4.5 * WIDTH) / 1e6:.6g} MHz cannot be imaged and is blank: {path}: all visibilities are 0"
    assert f"warning: plane 2, {words}" in capsys.readouterr().err
    for name in PRODUCTS:
        assert np.isfinite(cube(prefix, name)).all((1, 2)).tolist() == [True, True, False]
        assert np.isnan(cube(prefix, name)[2]).all()
    history = "".join(fits.getheader(f"{prefix}-image.fits")["HISTORY"])
    assert "plane 2, " in history
    assert "cannot be imaged and is blank" in history
    assert sorted(set(pd.read_csv(f"{prefix}-trace.csv")["plane"])) == [0, 1]
    assert not list(tmp_path.glob(".*"))


def test_where_all_planes_fail_nothing_is_written(denoiser_folder, tmp_path, capsys):
    path, prefix = zeroed(line(tmp_path / "line.ms"), slice(None)), tmp_path / "out" / "line"
    assert run(path, denoiser_folder, prefix, "--cube", 3, "--cell", CELL) == 1
    said = capsys.readouterr().err
    assert "error: no plane of the cube can be imaged; plane 0, " in said
    assert not prefix.parent.exists()


def test_memory_does_not_grow_with_the_planes(tmp_path):
    """Stored and written: a plane has 1 MB."""
    planes, side = 40, 512
    store = PlaneStore(tmp_path, (planes, side, side))
    tracemalloc.start()
    for number in range(0, planes, 2):
        masked = np.ma.masked_greater(np.full((side, side), float(number)), planes - 3)
        store.put("image", number, masked)
    write_radio_cube(
        tmp_path / "cube.fits",
        store.cube("image"),
        "Jy/beam",
        cell_arcsec=1.0,
        centre=(10.0, 20.0),
        frequencies_hz=1e9 + 1e6 * np.arange(planes),
        bandwidths_hz=[1e6] * planes,
        simulated=True,
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8e6
    with fits.open(tmp_path / "cube.fits", checksum=True) as hdus:
        hdus.verify("exception")
        (written,) = hdus[0].data
    expected = np.where(np.arange(planes) % 2, np.nan, np.arange(planes, dtype=float))
    expected[planes - 2] = np.nan
    np.testing.assert_array_equal(written, np.broadcast_to(expected[:, None, None], written.shape))


def test_groups_go_over_windows_in_order_of_frequency(denoiser_folder, tmp_path):
    path, prefix = line(tmp_path / "line.ms", windows=((1.5e9, 3), (1.4e9, 3))), tmp_path / "line"
    assert run(path, denoiser_folder, prefix, "--cube", 3, "--cell", CELL) == 0
    with fits.open(f"{prefix}-image.fits") as hdus:
        assert hdus["FREQUENCIES"].data["FREQ"] == pytest.approx([1.401e9, 1.452e9, 1.503e9], abs=1)
        assert hdus[0].header["CTYPE3"] == "FREQ"
        assert (hdus[0].header["CRVAL3"], hdus[0].header["CDELT3"]) == pytest.approx((1.401e9, 5.1e7))


def test_planes_that_are_not_equally_spaced_have_no_linear_axis(tmp_path):
    cubes = {"even": (1.0e9, 1.1e9, 1.2e9), "uneven": (1.0e9, 1.1e9, 1.25e9)}
    for name, frequencies in cubes.items():
        write_radio_cube(
            tmp_path / f"{name}.fits",
            np.zeros((3, 4, 5)),
            "Jy/pixel",
            cell_arcsec=1.0,
            centre=(10.0, 20.0),
            frequencies_hz=frequencies,
            bandwidths_hz=[1e8] * 3,
            simulated=True,
        )
        with fits.open(tmp_path / f"{name}.fits") as hdus:
            assert hdus[0].header["CTYPE3"] == ("FREQ" if name == "even" else "CHANNEL")
            assert hdus["FREQUENCIES"].data["FREQ"].tolist() == list(frequencies)
            assert WCS(hdus[0].header).celestial.pixel_to_world_values(2, 2) == pytest.approx((10.0, 20.0))


def test_what_cannot_be_a_cube(denoiser_folder, tmp_path, capsys):
    path, prefix = line(tmp_path / "line.ms"), tmp_path / "out" / "line"
    for arguments, words in (
        (("--cube", 0), "cube is 0; expected at least 1"),
        (("--cube", 7), "line.ms has 6 channels; --cube 7 needs"),
        (("--cube", 2, "--spectrum", "index"), "spectrum index"),
        (("--cube", 2, "--predict", "MODEL_DATA"), "--cube cannot be used with --predict"),
    ):
        assert run(path, denoiser_folder, prefix, *arguments) == 1
        (said,) = [row for row in capsys.readouterr().err.splitlines() if row.startswith("error: ")]
        assert words in said
    assert not prefix.parent.exists()
