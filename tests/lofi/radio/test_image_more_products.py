"""`lofi image`: the primary beam, a mask, components, error bars and the model's visibilities."""

import dataclasses
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from image_command import (
    CELL,
    CELL_MS,
    CENTRE,
    EAST,
    NORTH,
    PRODUCTS,
    SIZE,
    image,
    refused,
)
from measurement_set import write as write_measurement_set

from lofi.priors.record import read_record
from lofi.radio.coverage import ARCSEC
from lofi.radio.error_features import FEATURES, SKY_FEATURES
from lofi.radio.error_field import ErrorField, save_errors


def test_a_wide_field_is_corrected_or_not_and_says_so(run, sky, capsys):
    short = 0.02 * np.stack([sky.u, sky.v])
    for choice, words in ((None, "primary beam: katbeam"), ("none", "the primary beam is not corrected")):
        options = ["--primary-beam", choice] if choice else []
        wide = dataclasses.replace(sky, u=short[0], v=short[1])
        _, prefix = run(wide, "--cell", 90, "--iterations", 2, *options, output=f"{choice}/sky")
        assert words in capsys.readouterr().err
        assert Path(f"{prefix}-image-pb.fits").exists() == (choice is None)


def test_a_dish_of_known_size_corrects_the_image(run, sky, capsys):
    code, prefix = run(sky, "--cell", CELL, "--iterations", 2, "--primary-beam", 500)
    errors = capsys.readouterr().err
    assert code == 0, errors
    assert (
        "note: primary beam: Airy pattern of 500 m, 1400 to 1400 MHz, half power 0.757 arcmin from the axis" in errors
    )
    power, blank = image(prefix, "pb"), image(prefix, "pb") < 0.1
    for name, plain in (("image-pb", image(prefix, "image")), ("noise-pb", None)):
        corrected = image(prefix, name)
        assert np.array_equal(np.isnan(corrected), blank)
        ratio = corrected * power / (np.nanmin(corrected) if plain is None else plain)
        np.testing.assert_allclose(ratio[~blank], 1, rtol=1e-5)
    headers = {name: fits.getheader(f"{prefix}-{name}.fits") for name in ("pb", "image-pb", "noise-pb")}
    assert {name: header.get("BUNIT") for name, header in headers.items()} == {
        "pb": None,
        "image-pb": "Jy/beam",
        "noise-pb": "Jy/beam",
    }
    assert "BMAJ" in headers["image-pb"]
    assert "Airy pattern of 500 m" in " ".join(headers["image-pb"]["HISTORY"])


def test_a_mask_and_components_are_told(run, sky, tmp_path, capsys):
    region = tmp_path / "around the point.reg"
    region.write_text(f'fk5\ncircle({CENTRE[0]},{CENTRE[1]},60")\n')
    phase = 2 * np.pi * (sky.u * EAST + sky.v * NORTH) * ARCSEC
    bright = dataclasses.replace(sky, values=sky.values + 100 * np.exp(-1j * phase))
    code, prefix = run(bright, "--cell", CELL, "--mask", region)
    told = capsys.readouterr().err
    assert code == 0, told
    assert "1 of 100.5 Jy in all" in told
    (component,) = pd.read_csv(f"{prefix}-components.csv").itertuples()
    offset = SkyCoord(*CENTRE, unit="deg").spherical_offsets_to(
        SkyCoord(component.ra_deg, component.dec_deg, unit="deg")
    )
    assert [axis.arcsec for axis in offset] == pytest.approx([EAST, NORTH], abs=0.02)
    history = str(fits.getheader(f"{prefix}-model.fits")["HISTORY"]).replace("\n", " ")
    assert "mask around the point.reg: emission is allowed in" in history
    assert "unresolved sources: 1 of 100.5 Jy" in history
    model, y, x = image(prefix, "model"), *(np.mgrid[:SIZE, :SIZE] - SIZE // 2) * CELL
    assert (model[np.hypot(x, y) > 60] == 0).all()
    assert model[SIZE // 2 + round(NORTH / CELL), SIZE // 2 - round(EAST / CELL)] > 100
    code, prefix = run(bright, "--cell", CELL, "--points", "none", output="none/sky")
    assert code == 0
    assert pd.read_csv(f"{prefix}-components.csv").empty
    capsys.readouterr()
    region.write_text("fk5\ncircle(10,10,1)\n")
    refused(
        run(sky, "--cell", CELL, "--mask", region, output="no/sky"), capsys, "around the point.reg", "another field"
    )


def test_replicas_add_error_bars_and_change_nothing_else(run, sky, capsys):
    _, alone = run(sky, "--cell", CELL, "--iterations", 2, output="alone/sky")
    code, prefix = run(sky, "--cell", CELL, "--iterations", 2, "--replicas", 3)
    told = capsys.readouterr().err
    assert code == 0, told
    assert "3 replicas take about" in told
    for name in PRODUCTS:
        assert np.array_equal(image(prefix, name), image(alone, name))
    model, bounds = image(prefix, "model"), [image(prefix, name) for name in ("lo90", "lo68", "hi68", "hi90")]
    assert all((low <= high).all() for low, high in pairwise(bounds))
    assert fits.getval(f"{prefix}-error.fits", "BUNIT") == "Jy/pixel"
    assert fits.getval(f"{prefix}-image-error.fits", "BUNIT") == "Jy/beam"
    drawn = fits.getdata(f"{prefix}-replicas.fits")
    assert image(prefix, "error") == pytest.approx(np.sqrt((drawn**2).mean(0)), rel=1e-4)
    assert 0 < image(prefix, "error").mean() < model.max()
    history = str(fits.getheader(f"{prefix}-error.fits")["HISTORY"]).replace("\n", " ")
    assert "error bars: 3 replicas" in history
    capsys.readouterr()
    run(sky, "--cell", CELL, "--iterations", 2)
    assert "of an earlier image of this name" in capsys.readouterr().err
    assert sorted(path.name for path in prefix.parent.iterdir()) == sorted(path.name for path in alone.parent.iterdir())
    refused(run(sky, "--replicas", 1, output="no/sky"), capsys, "replicas is 1", "at least 2")


def test_a_prior_with_an_error_field_gives_error_bars(run, sky, denoiser_folder, tmp_path, capsys):
    folder = Path(shutil.copytree(denoiser_folder, tmp_path / "mine"))
    count = len(FEATURES)
    zero, quantiles = np.zeros(2 * count), np.tile([-2.0, -1.0, 1.0, 2.0], (2, 1, 1))
    constant = np.append(zero, np.log(2.0))  # of the level, and of the noise
    tables = np.zeros((2, 1)), quantiles, np.ones((2, 1)), np.array(1.0)
    none = np.zeros(len(SKY_FEATURES))
    skies = none, none + 1, none[None], np.zeros((1, 2)), np.zeros(2)
    bars = ErrorField(zero, zero + 1, constant, constant, *tables, *skies)
    save_errors(folder, bars, read_record(folder), description="twice the level")
    code, prefix = run(sky, "--cell", CELL, "--iterations", 2, folder=folder)
    told = capsys.readouterr().err
    assert code == 0, told
    assert "note: error bars: twice the level" in told
    level = pd.read_csv(f"{prefix}-trace.csv")["sigma"].iloc[-1]
    model = image(prefix, "model")
    assert image(prefix, "error") == pytest.approx(np.full_like(model, 2 * level), rel=1e-5)
    assert image(prefix, "hi90") == pytest.approx(model + 4 * level, rel=1e-5)
    assert image(prefix, "lo68") == pytest.approx(np.maximum(model - 2 * level, 0), rel=1e-4, abs=1e-9)
    assert not Path(f"{prefix}-replicas.fits").exists()
    code, without = run(sky, "--cell", CELL, "--iterations", 2, "--no-errors", folder=folder, output="without/sky")
    assert not Path(f"{without}-error.fits").exists()
    assert np.array_equal(image(without, "model"), model)
    capsys.readouterr()
    refused(run(sky, "--errors", output="no/sky"), capsys, "errors.json", "--errors asks for", "--replicas")
    (folder / "errors.json").write_text((folder / "errors.json").read_text().replace('"prior": "', '"prior": "0'))
    refused(run(sky, folder=folder, output="no/sky"), capsys, "errors.json holds error bars of another prior")


def test_predict_writes_the_visibilities_of_the_published_model(run, tmp_path, capsys):
    tables = pytest.importorskip("casacore.tables", reason="python-casacore is not installed")
    path = tmp_path / "obs.ms"
    write_measurement_set(path).close()
    arguments = ("--cell", 2, "--iterations", 2, "--predict")
    refused(run(path, *arguments, "DATA"), capsys, "--predict DATA would overwrite observed visibilities")
    code, prefix = run(path, *arguments, "MODEL_DATA")
    assert code == 0, capsys.readouterr().err
    model = image(prefix, "model")
    with tables.table(str(path), ack=False) as main:
        uvw, written = -main.getcol("UVW"), main.getcol("MODEL_DATA")
    l = -CELL_MS * (np.arange(SIZE) - SIZE // 2)  # noqa: E741
    east, north = np.meshgrid(l, -l)
    depth = np.sqrt(1 - east**2 - north**2) - 1
    for row in (1, 40, 83):
        for channel in range(3):
            path_length = sum(c * x for c, x in zip(uvw[row], (east, north, depth), strict=True))
            turns = path_length * (1.4e9 + 2e6 * channel) / 299792458.0
            expected = (model * np.exp(-2j * np.pi * turns)).sum()
            assert written[row, channel] == pytest.approx([expected, 0, 0, expected], abs=1e-5)
