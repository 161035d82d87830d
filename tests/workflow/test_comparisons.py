"""Comparisons with WSClean: commands and their cost, what an image is compared with, the tables."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

from lofi.io import hdf5
from lofi.radio.beam import Beam, convolve
from workflow.compared import expected, read_image, read_sky
from workflow.imagers import image_with
from workflow.scripts.tables.wsclean_tables import wsclean_tables
from workflow.scripts.wsclean_image import wsclean_image

IMAGER = """
import sys, pathlib, time
copy, prefix = map(pathlib.Path, sys.argv[1:])
(copy / "column").write_text("changed")
held = bytearray(200_000_000)
started = time.process_time()
while time.process_time() < started + 0.3: pass
for kind in ("image", "model"):
    pathlib.Path(f"{prefix}-{kind}.fits").write_text(kind)
pathlib.Path(f"{prefix}-MFS-image.fits").write_text("whole band")
"""


@pytest.fixture
def visibilities(tmp_path):
    folder = tmp_path / "visibilities.ms"
    folder.mkdir()
    (folder / "column").write_text("data")
    return folder


def test_a_command_works_on_a_copy_and_is_measured(visibilities, tmp_path):
    targets = {kind: tmp_path / f"x-{kind}.fits" for kind in ("image", "model")}
    command = [sys.executable, "-c", IMAGER, "VISIBILITIES", "PREFIX"]
    image_with(command, visibilities, targets, tmp_path / "x.json")
    assert (visibilities / "column").read_text() == "data"
    assert [path.read_text() for path in targets.values()] == ["whole band", "model"]
    cost = json.loads((tmp_path / "x.json").read_text())
    assert 0.3 <= cost["processor_seconds"] < 3
    assert 0.2 <= cost["peak_gb"] < 0.3
    assert {path.name for path in tmp_path.iterdir()} == {"visibilities.ms", "x-image.fits", "x-model.fits", "x.json"}


def test_what_a_failed_command_said_is_the_error(visibilities, tmp_path):
    command = [sys.executable, "-c", "import sys; sys.exit('no such column')"]
    with pytest.raises(ValueError, match=r"visibilities.ms: .* ended with 1: no such column"):
        image_with(command, visibilities, {"image": tmp_path / "x.fits"}, tmp_path / "x.json")
    assert {path.name for path in tmp_path.iterdir()} == {"visibilities.ms"}


def test_wsclean_that_is_missing_is_one_sentence(visibilities, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    files = dict.fromkeys(("image", "model", "residual", "cost"), tmp_path / "x")
    with pytest.raises(ValueError, match="the command wsclean is missing; install WSClean"):
        wsclean_image(visibilities=visibilities, **files, options={}, threshold="1")


def write(path, image, beam, frequency=1.3e9):
    """A FITS image in cells of 2 arcsec, as both programs write them."""
    header = fits.Header({"CTYPE3": "FREQ", "CRVAL3": frequency, "CDELT2": 2 / 3600, "BUNIT": "JY/BEAM"})
    header.update({"BMAJ": beam.bmaj * 2 / 3600, "BMIN": beam.bmin * 2 / 3600, "BPA": beam.bpa})
    fits.writeto(path, image[None, None].astype(np.float32), header)


@pytest.fixture
def folder(tmp_path):
    """One sky, two frequencies, an imager that is right and one that is wrong by a tenth or a hundredth."""
    folder = tmp_path / "narrow" / "0"
    folder.mkdir(parents=True)
    y, x = np.mgrid[:40, :40] - 20
    reference, alpha = np.exp(-(x**2 + y**2) / 50), np.full((40, 40), -1.0)
    hdf5.write(
        folder / "truth.h5", {"reference_hz": 1e9, "frequencies_hz": [0.9e9, 1.1e9]}, reference=reference, alpha=alpha
    )
    for name, beam, scale in (
        ("lofi", Beam(4, 3, 20.0), 1 / 1.3),
        ("wsclean_1", Beam(5, 2, -70.0), 1.1 / 1.3),
        ("wsclean_2", Beam(5, 2, -70.0), 1.01 / 1.3),
    ):
        write(folder / f"{name}-image.fits", scale * convolve(reference, beam), beam)
        write(folder / f"{name}-model.fits", scale * reference, beam)  # as WSClean's model of a band
        write(folder / f"{name}-residual.fits", np.tile([0.01, -0.01], (40, 20)), beam)
        (folder / f"{name}.json").write_text(json.dumps({"processor_seconds": len(name), "peak_gb": 0.5}))
    return folder


def test_images_are_compared_with_the_truth_at_their_own_beam_and_frequency(folder):
    sky = read_sky(folder / "truth.h5")
    for name in ("lofi", "wsclean_1"):
        shown, model = (read_image(folder / f"{name}-{kind}.fits") for kind in ("image", "model"))
        factor = 1.0 if name == "lofi" else 1.1
        assert shown.pixels == pytest.approx(factor * expected(sky, shown), abs=1e-5)
        assert model.pixels == pytest.approx(factor * expected(sky, model), abs=1e-6)


def test_the_tables_compare_with_the_best_threshold(folder, tmp_path):
    names = ["lofi", "wsclean_1", "wsclean_2"]
    files = {kind: [folder / f"{name}-{kind}.fits" for name in names] for kind in ("image", "model", "residual")}
    outputs = {name: tmp_path / f"{name}.csv" for name in ("scores", "paired", "page")}
    wsclean_tables(
        truths=[folder / "truth.h5"],
        **{f"{kind}s": paths for kind, paths in files.items()},
        costs=[folder / f"{name}.json" for name in names],
        **outputs,
    )
    table = pd.read_csv(outputs["scores"])
    assert table["compared"].tolist() == [True, False, True]
    assert table["snr"][1:].tolist() == pytest.approx([20.0, 40.0], abs=1e-3)
    assert table["flux_ratio"].tolist() == pytest.approx([1.0, 1.1, 1.01], rel=1e-5)
    assert table["residual_rms"].tolist() == pytest.approx([0.01] * 3)
    paired = pd.read_csv(outputs["paired"]).set_index("comparison")
    assert paired.index.tolist() == ["narrow", "all"]
    assert paired["snr_gain"]["all"] == pytest.approx(table["snr"][0] - 40.0, abs=1e-3)
    assert paired["processor_seconds_ratio"]["all"] == pytest.approx(4 / 9)
