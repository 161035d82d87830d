"""The flux of a region and its error, from files whose numbers are known; replicas by the command."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

from lofi.cli import main
from lofi.io.radio_fits import write_radio_set
from lofi.io.replica_cube import write_replicas
from lofi.seeds import stream

SHAPE, CELL, CENTRE = (30, 40), 2.0, (40.0, -30.0)
CIRCLE = f'fk5\ncircle({CENTRE[0]},{CENTRE[1]},11")\n'  # 5.5 pixels about (15, 20)


@pytest.fixture
def files(tmp_path):
    """Files of an image whose errors are one number everywhere, the same in all pixels of a replica; twice as large."""
    model = stream("flux").uniform(0, 1, SHAPE).astype(np.float32)
    images = {"model": (model, "Jy/pixel"), "error": (np.full(SHAPE, 0.2, np.float32), "Jy/pixel")}
    header = {"cell_arcsec": CELL, "centre": CENTRE, "frequency_hz": 1e9, "bandwidth_hz": 1e6, "simulated": True}
    write_radio_set(tmp_path / "sky", images, **header)
    errors = np.array([0.1, -0.1, 0.1, -0.1])[:, None, None] * np.ones(SHAPE)
    write_replicas(tmp_path / "sky-replicas.fits", errors, CELL, CENTRE, True, [])
    (tmp_path / "circle.reg").write_text(CIRCLE)
    return tmp_path, model


def told(capsys, *arguments):
    try:
        main(["flux", *map(str, arguments)])
    except SystemExit:
        return capsys.readouterr().err
    return capsys.readouterr().out


def test_a_flux_is_the_sum_of_pixels_and_its_error_knows_their_correlation(files, capsys):
    folder, model = files
    row, column = np.mgrid[: SHAPE[0], : SHAPE[1]]
    inside = np.hypot(row - 15, column - 20) < 5.5
    flux, _, error, unit = told(capsys, folder / "sky", folder / "circle.reg").split()
    assert float(flux) == pytest.approx(model[inside].sum(), rel=1e-5)
    assert float(error) == pytest.approx(0.2 * inside.sum(), rel=0.03)  # fully correlated: errors add up
    assert unit == "Jy"
    with fits.open(folder / "sky-replicas.fits") as hdus:
        hdus.verify("exception")
        assert (hdus[0].header["CTYPE3"], hdus[0].header["BUNIT"]) == ("REPLICA", "Jy/pixel")
        assert hdus[0].shape == (4, *SHAPE)


def test_errors_that_are_not_correlated_add_up_by_their_squares(files, capsys):
    folder, _ = files
    write_replicas(folder / "sky-replicas.fits", stream("many").normal(size=(400, *SHAPE)), CELL, CENTRE, True, [])
    error = float(told(capsys, folder / "sky", folder / "circle.reg").split()[2])
    assert error == pytest.approx(0.2 * 97**0.5, rel=0.1)  # 97 pixels within 5.5 of one


def test_the_primary_beam_and_the_errors_of_components_count(files, capsys):
    folder, model = files
    power = np.full(SHAPE, 0.5, np.float32)
    power[:2] = 0.05
    header = {"cell_arcsec": CELL, "centre": CENTRE, "frequency_hz": 1e9, "bandwidth_hz": 1e6, "simulated": True}
    write_radio_set(folder / "sky", {"pb": (power, "")}, **header)
    place = {"ra_deg": [CENTRE[0], CENTRE[0] + 1], "dec_deg": [CENTRE[1]] * 2, "flux_error_jy": [30.0, 1e3]}
    pd.DataFrame(place).to_csv(folder / "sky-components.csv", index=False)
    row, column = np.mgrid[: SHAPE[0], : SHAPE[1]]
    inside = np.hypot(row - 15, column - 20) < 5.5
    words = told(capsys, folder / "sky", folder / "circle.reg")
    flux, _, error, _ = words.split()
    assert float(flux) == pytest.approx(2 * model[inside].sum(), rel=1e-5)
    assert float(error) == pytest.approx(np.hypot(0.4 * inside.sum(), 60.0), rel=0.03)
    (folder / "circle.reg").write_text(f'fk5\nbox({CENTRE[0]},{CENTRE[1]},60",60")\n')
    assert "primary beam is below 0.1" in told(capsys, folder / "sky", folder / "circle.reg")


def test_what_is_no_region_of_the_image(files, capsys):
    folder, _ = files
    region = folder / "circle.reg"
    region.write_text("fk5\ncircle(50,-30,0.001)\n")
    assert "has no pixel of the image" in told(capsys, folder / "sky", region)
    region.write_text("fk5\ncircle(40,-30,1)\n")
    assert "covers the whole image" in told(capsys, folder / "sky", region)
    region.write_text("")
    assert "holds no region" in told(capsys, folder / "sky", region)
    region.write_text(CIRCLE)
    assert "sky2-model.fits does not exist" in told(capsys, folder / "sky2", region)
    (folder / "sky-replicas.fits").unlink()
    assert "sky-replicas.fits); image it with --replicas" in told(capsys, folder / "sky", region)
    (folder / "sky-error.fits").unlink()
    assert "has no error bars" in told(capsys, folder / "sky", region)
