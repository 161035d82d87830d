"""`lofi image`: visibilities in, the files of a radio imager out."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from image_command import (
    CELL,
    CENTRE,
    EAST,
    EXTENDED,
    NORTH,
    POINT,
    PRODUCTS,
    SIZE,
    image,
)

from lofi.cli import main
from lofi.radio.coverage import ARCSEC
from lofi.radio.gridding import default_cell
from lofi.solvers.admm import Schedule


def test_the_products_show_the_sky(run, sky, denoiser_folder, tmp_path, capsys):
    code, prefix = run(sky, "--cell", CELL, "--figure", tmp_path / "sky.png")
    errors = capsys.readouterr().err
    assert code == 0, errors
    assert "warning" not in errors
    assert f"note: prior {denoiser_folder.name}, dncnn_denoiser, weights " in errors
    assert (tmp_path / "sky.png").stat().st_size > 10000
    headers = {}
    for name in PRODUCTS:
        with fits.open(f"{prefix}-{name}.fits", checksum=True) as hdus:
            hdus.verify("exception")
            assert hdus[0].data.shape == (1, 1, SIZE, SIZE)
            headers[name] = hdus[0].header
    for name in ("model", "residual", "image"):
        assert f"prior {denoiser_folder.name}, dncnn_denoiser, weights " in " ".join(headers[name]["HISTORY"])
    assert {name: header["BUNIT"] for name, header in headers.items()} == {
        name: "Jy/pixel" if name == "model" else "Jy/beam" for name in PRODUCTS
    }
    assert "BMAJ" not in headers["model"]
    assert 4 < headers["image"]["BMAJ"] * 3600 < 15
    assert headers["image"]["OBJECT"] == "test"
    assert headers["image"]["SIMULATD"] is False
    model = image(prefix, "model")
    assert model.min() >= 0
    assert model.sum() == pytest.approx(POINT + EXTENDED, rel=0.04)  # least squares with positivity: +2 %
    row, column = np.unravel_index(model.argmax(), model.shape)
    place = SkyCoord(*WCS(headers["model"]).celestial.all_pix2world(column, row, 0), unit="deg")
    offsets = SkyCoord(*CENTRE, unit="deg").spherical_offsets_to(place)
    assert [offset.to_value("arcsec") for offset in offsets] == pytest.approx([EAST, NORTH], abs=0.1)
    around = model[row - 2 : row + 3, column - 2 : column + 3].sum()
    assert around == pytest.approx(POINT, abs=0.1)
    psf = image(prefix, "psf")
    assert psf[SIZE // 2, SIZE // 2] == pytest.approx(psf.max()) == pytest.approx(1.0, abs=1e-6)
    assert image(prefix, "residual").std() < 0.3 * image(prefix, "dirty").std()


def test_history_and_trace_say_how_it_was_made(run, sky, denoiser_folder):
    _, prefix = run(sky, "--cell", CELL, "--weighting", "briggs", "--robust", 0.5, "--simulated", "--iterations", 6)
    header = fits.getheader(f"{prefix}-model.fits")
    assert header["SIMULATD"] is True
    history = " ".join(header["HISTORY"])
    for words in ("source.npz", "dncnn_denoiser", "test/3", "briggs, robust 0.5", f"of {len(sky)} visibilities"):
        assert words in history, words
    trace = pd.read_csv(f"{prefix}-trace.csv")
    assert trace["iteration"].tolist() == [1, 2, 3, 4, 5, 6]
    columns = ["sigma", "alpha", "chi2", "change", "cg_iterations", "data_seconds", "denoiser_seconds", "cell"]
    assert list(trace.columns) == ["iteration", *columns]
    reported = float(history.partition("chi2/M ")[2].split()[0])
    assert trace["chi2"].iloc[-1] == pytest.approx(reported, abs=2e-3)
    assert 0.9 < reported < 1.05


@pytest.mark.parametrize("size", [63, 64])
def test_the_phase_centre_stays_where_it_is(run, sky, size):
    _, prefix = run(sky, "--cell", CELL, "--iterations", 4, size=size)
    wcs = WCS(fits.getheader(f"{prefix}-image.fits")).celestial
    assert wcs.all_world2pix(*CENTRE, 0) == pytest.approx([size // 2] * 2, abs=1e-6)
    model = image(prefix, "model")
    row, column = np.unravel_index(model.argmax(), model.shape)
    assert (row, column) == (size // 2 + NORTH / CELL, size // 2 - EAST / CELL)


def test_the_weighting_chooses_beam_and_noise_but_not_the_model(run, sky):
    beams, models = {}, {}
    for weighting in ("natural", "briggs", "uniform"):
        _, prefix = run(sky, "--cell", CELL, "--weighting", weighting, "--iterations", 4)
        beams[weighting] = fits.getheader(f"{prefix}-image.fits")["BMAJ"]
        models[weighting] = image(prefix, "model")
    assert beams["uniform"] < beams["briggs"] < beams["natural"]
    assert np.array_equal(models["uniform"], models["natural"])


def test_the_default_cell_samples_the_longest_baseline(run, sky, capsys):
    cell = default_cell(np.hypot(sky.u, sky.v).max())
    assert cell * ARCSEC * 3 * np.hypot(sky.u, sky.v).max() == pytest.approx(1.0, rel=0.01)
    code, prefix = run(sky, "--iterations", 2)
    assert code == 0
    assert f"cell {cell:g} arcsec" in capsys.readouterr().err
    assert fits.getheader(f"{prefix}-psf.fits")["CDELT2"] * 3600 == pytest.approx(cell)


def test_the_centre_may_be_given(run, sky):
    code, prefix = run(dataclasses.replace(sky, centre=None), "--iterations", 2, "--centre", "10,-20")
    assert code == 0
    assert fits.getheader(f"{prefix}-model.fits")["CRVAL2"] == -20
    _, prefix = run(sky, "--iterations", 2, "--centre=-10,20")
    assert fits.getheader(f"{prefix}-model.fits")["CRVAL1"] == 350


def test_help_tells_the_default_of_iterations(capsys):
    with pytest.raises(SystemExit):
        main(["image", "--help"])
    assert f"of ADMM, at most; default {Schedule.iterations}" in " ".join(capsys.readouterr().out.split())
