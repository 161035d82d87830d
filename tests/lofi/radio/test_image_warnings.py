"""`lofi image` warns of weights, scales and priors that do not fit the visibilities."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from image_command import (
    CELL,
)

from lofi.radio.coverage import ARCSEC


def test_wrong_weights_are_noticed_and_mended(run, sky, capsys):
    loud = dataclasses.replace(sky, sigma=sky.sigma / 2)
    assert run(loud, "--cell", CELL, "--iterations", 4)[0] == 0
    errors = capsys.readouterr().err
    chi2 = float(errors.partition("warning: chi2/M is ")[2].split(",")[0])
    assert chi2 == pytest.approx(4, rel=0.1)
    factor = float(errors.partition("use the sigma scale ")[2].split()[0].rstrip("."))
    assert factor == pytest.approx(2, rel=0.1)
    assert run(loud, "--cell", CELL, "--iterations", 4, "--sigma-scale", 2)[0] == 0
    assert "warning" not in capsys.readouterr().err


def test_scales_that_no_baseline_measures_are_warned_of(run, sky, capsys):
    """A source far larger than what the shortest baseline measures: its flux is not known."""
    assert not measured(run, sky, capsys)
    long = np.hypot(sky.u, sky.v) > 3000  # wavelengths; scales up to 69 arcsec
    chosen = {key: getattr(sky, key)[long] for key in ("u", "v", "w", "values", "sigma", "frequency", "time")}
    chosen |= {key: getattr(sky, key)[long] for key in ("width", "antenna1", "antenna2", "channel")}
    errors = measured(run, dataclasses.replace(sky, **chosen), capsys)
    shortest = np.hypot(sky.u, sky.v)[long].min()
    largest = f"{1 / shortest / ARCSEC:.3g} arcsec"
    assert f"baselines from {shortest:.4g} wavelengths measure structure up to {largest}; the field" in errors
    assert f"Jy, beyond {largest} not measured" in errors
    assert "use a smaller size" in errors


def measured(run, visibilities, capsys):
    """What is said of scales that are not measured."""
    run(visibilities, "--cell", CELL, "--iterations", 2)
    return "".join(line for line in capsys.readouterr().err.splitlines() if "measure" in line)


def test_a_prior_used_below_its_noise_is_warned_of(run, sky, denoiser_folder, tmp_path, capsys):
    folder = tmp_path / "coarse"
    shutil.copytree(denoiser_folder, folder)
    record = folder / "model.json"
    coarse = json.loads(record.read_text()) | {"noise": [0.5, 1.0]}
    record.write_text(json.dumps(coarse))
    assert run(sky, "--iterations", 4, folder=folder)[0] == 0
    assert "the training's lowest 0.5" in capsys.readouterr().err
