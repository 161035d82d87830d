"""`lofi image` of what it cannot use: every mistake one sentence, nothing half-written."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from image_command import CELL, refused

from lofi.io import checkpoint
from lofi.models.denoiser import CHANNELS
from lofi.models.registry import build
from lofi.radio.coverage import ARCSEC
from lofi.radio.gridding import default_cell
from lofi.radio.visibilities.npz import write_npz


def test_bad_visibilities(run, sky, tmp_path, capsys):
    def changed(**arrays):
        path = tmp_path / "changed.npz"
        write_npz(path, sky)
        with np.load(path) as file:
            content = dict(file) | arrays
        np.savez(path, **{key: value for key, value in content.items() if value is not None})
        return path

    count = len(sky)
    values = sky.values.copy()
    values[7] = np.nan
    refused(run(changed(visibilities=values), "--cell", CELL), capsys, "changed.npz", "NaN")
    refused(run(changed(flags=np.ones(count, bool)), "--cell", CELL), capsys, "changed.npz", "flagged")
    refused(run(changed(weights=np.zeros(count)), "--cell", CELL), capsys, "changed.npz", "weight")
    refused(run(changed(visibilities=np.zeros(count, complex)), "--cell", CELL), capsys, "changed.npz", "are 0")
    refused(
        run(changed(visibilities=np.full(count, -1.0 + 0j), antenna1=None), size=32), capsys, "positive", "calibrated"
    )
    refused(run(changed(ra=None, dec=None), "--cell", CELL), capsys, "changed.npz", "centre")
    loud = sky.values.copy()
    loud[7] = 1e30
    refused(run(changed(visibilities=loud), "--cell", CELL), capsys, "changed.npz", "largest visibility is 1e+30 Jy")
    refused(run(changed(visibilities=sky.values * 1e200)), capsys, "changed.npz", "e+200 Jy")
    refused(run(changed(u=np.zeros(count), v=np.zeros(count))), capsys, "changed.npz", "u and v are 0")
    gigahertz = {"u": sky.u * 1e-9, "v": sky.v * 1e-9, "frequencies": np.full(count, 1.4)}
    refused(run(changed(**gigahertz)), capsys, "changed.npz", "are they in MHz or GHz?")
    refused(run(tmp_path / "none.npz"), capsys, "none.npz", "does not exist")
    picture = tmp_path / "picture.fits"
    fits.writeto(picture, np.zeros((8, 8)))
    refused(run(picture), capsys, "picture.fits", "no visibilities")
    refused(run(tmp_path), capsys, "Measurement Set")


def test_bad_options(run, sky, capsys):
    longest = max(np.abs(sky.u).max(), np.abs(sky.v).max())
    refused(
        run(sky, "--cell", 5),
        capsys,
        "source.npz",
        f"{0.5 / longest / ARCSEC:.2g}",
        f"{default_cell(np.hypot(sky.u, sky.v).max()):g}",
    )
    refused(run(sky, "--cell", 0), capsys, "cell_arcsec", "positive")
    refused(run(sky, "--sigma-scale", 0), capsys, "sigma_scale", "positive")
    refused(run(sky, "--sigma-scale", -2), capsys, "sigma_scale", "-2")
    refused(run(sky, "--sigma-scale", "nan"), capsys, "sigma_scale", "nan")
    refused(run(sky, "--iterations", 0), capsys, "iterations", "0")
    refused(run(sky, size=4), capsys, "4 pixels", "32")
    refused(run(sky, "--centre", "10,95"), capsys, "95")
    refused(run(sky, "--robust", 1, "--weighting", "natural"), capsys, "robust", "natural")
    refused(run(sky, "--robust", "nan"), capsys, "robust")
    refused(run(sky, "--robust", -300), capsys, "robust is -300", "from -5 to 5")
    refused(run(sky, "--centre", "1000,20"), capsys, "1000")
    refused(run(sky, "--threads", 0), capsys, "threads")
    refused(run(sky, "--cell", 0.01), capsys, "source.npz", "beam")
    refused(run(sky, "--total-flux=-1,0.1"), capsys, "--total-flux", "flux is -1 Jy")
    refused(run(sky, "--total-flux", "1,0"), capsys, "--total-flux", "error of the flux is 0 Jy")
    refused(run(sky, "--total-flux", "0.1,0.1"), capsys, "source.npz", "shortest baselines measure 2.", "--total-flux")


def test_bad_targets(run, sky, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    refused(run(sky, output="file/sky"), capsys, "not a writable folder")
    refused(run(sky, "--figure", tmp_path / "picture"), capsys, ".png")
    refused(run(sky, "--output", ""), capsys, "''", "beginning of the files' names")
    refused(run(sky, "--output", f"{tmp_path}/out/"), capsys, "out/", "beginning of the files' names")
    if Path("/proc/self").exists():  # every folder there looks writable to the superuser
        refused(run(sky, "--output", "/proc/sky"), capsys, "/proc/sky", "not a writable folder")
    path = tmp_path / "out" / "data-dirty.fits"
    path.parent.mkdir()
    path.write_text("visibilities")
    refused(run(path, output="out/data"), capsys, "would be overwritten")
    assert path.read_text() == "visibilities"


def test_bad_priors(run, sky, checkpoint_folder, denoiser_folder, tmp_path, capsys):
    words = "was trained for catalogues and maps on a plane; expected one for visibilities such as radio"
    refused(run(sky, folder=checkpoint_folder), capsys, words)
    unnamed = shutil.copytree(checkpoint_folder, tmp_path / "unnamed")
    (unnamed / "model.json").write_text((unnamed / "model.json").read_text().replace('"task"', '"tasks"'))
    refused(run(sky, folder=unnamed), capsys, "kappa_e", "image, noise_std", "denoiser")
    description = {
        "class": "lofi",
        "inputs": {"channels": ["image"]},
        "geometry": {"kind": "circular", "rings": 2, "angles": 3, "radius": 1.0},
        "network": {"kind": "mlp", "width": 4, "depth": 1},
    }
    model = build(description, CHANNELS, (32, 32))
    checkpoint.save(tmp_path / "deaf", model, description, CHANNELS, (32, 32), data={}, noise=[0.1, 0.1], seed=["x"])
    refused(run(sky, folder=tmp_path / "deaf"), capsys, "deaf", "cannot be used as a prior", "lofi_denoiser")
    total_variation = {"class": "tv_denoiser"}
    model = build(total_variation, CHANNELS, (32, 32))
    checkpoint.save(tmp_path / "tv", model, total_variation, CHANNELS, (32, 32), data={}, noise=[0.1, 0.1], seed=["x"])
    refused(run(sky, folder=tmp_path / "tv"), capsys, "a model tv_denoiser, cannot be used as a prior; expected one of")
    refused(run(sky, folder=tmp_path / "nothing"), capsys, "nothing", "does not exist")
    cut = tmp_path / "cut"
    shutil.copytree(denoiser_folder, cut)
    (cut / "model.safetensors").write_bytes((cut / "model.safetensors").read_bytes()[:50])
    refused(run(sky, folder=cut), capsys, "model.safetensors")


@pytest.mark.parametrize("value", ["meercat", "nan", "-13", "0", "1e9"])
def test_no_such_primary_beam(run, sky, capsys, value):
    refused(run(sky, f"--primary-beam={value}"), capsys, "primary_beam is", "expected auto, none, meerkat or the eff")


def test_predict_needs_a_measurement_set(run, sky, capsys):
    refused(run(sky, "--predict", "MODEL_DATA"), capsys, "source.npz is no Measurement Set, so --predict cannot write")
