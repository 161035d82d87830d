"""Which error bars a map of the sphere has: those of its Nside, else of the nearest, else of the plane."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from sky_model import NOISE, NOMINAL

from lofi.cli import main
from lofi.data.noise import complex_noise
from lofi.io import healpix
from lofi.lensing.error_bars import ErrorBars
from lofi.lensing.error_files import load_errors, save_errors
from lofi.priors.record import read_record
from lofi.priors.shipped import SHIPPED
from lofi.sphere.error_files import name_at, sphere_bars_of
from lofi.sphere.pixels import pixel_arcmin
from lofi.sphere.shear_map import SphereShear, shear_columns

NSIDE = 32


def bars(factor):
    """Error bars that are `factor` times as wide as the Wiener filter's."""
    made = ErrorBars(8)
    with torch.no_grad():
        made.network[-1].bias[-1] = np.log(factor)
    return made


@pytest.fixture
def prior(sky_prior, tmp_path):
    """A prior with error bars of the plane, and of Nside 16 and 64: one, two and three times as wide."""
    folder = Path(shutil.copytree(sky_prior, tmp_path / "mine"))
    for factor, name in ((1, "errors"), (2, name_at(16)), (3, name_at(64))):
        save_errors(folder, bars(factor), 8, read_record(folder), name, description=f"of {name}")
    return folder


def without(folder, *sides):
    for nside in sides:
        (folder / f"{name_at(nside)}.json").unlink()
    return folder


@pytest.mark.parametrize(
    ("nside", "missing", "expected"),
    [(16, (), 16), (64, (), 64), (512, (), 64), (8, (), 16), (32, (), 16), (64, (64,), 16), (64, (16, 64), None)],
)
def test_they_are_those_of_the_nearest_nside(prior, nside, missing, expected):
    found, notes = sphere_bars_of(without(prior, *missing), read_record(prior), nside, None)
    widths = {16: 2, 64: 3, None: 1}
    assert float(found.network[-1].bias[-1].detach().exp()) == pytest.approx(widths[expected])
    said = " ".join(notes)
    assert ("calibrated in the plane" in said) == (expected is None)
    assert (f"fitted to skies of Nside {expected}; the map has {nside}" in said) == (expected not in (None, nside))
    assert sphere_bars_of(prior, read_record(prior), nside, False) == (None, [])


@pytest.fixture
def mapped(tmp_path, capsys):
    """Map a sky; (exit code, KAPPA_STD, what was said)."""
    noise = np.full(12 * NSIDE**2, 30 * NOISE * NOMINAL / pixel_arcmin(NSIDE))
    columns, cards = shear_columns(SphereShear(complex_noise(noise, np.random.default_rng(3)), noise, NSIDE))
    shear, output = tmp_path / "shear.fits", tmp_path / "kappa.fits"
    healpix.write(shear, columns, np.isfinite(noise), simulated=True, history=[], cards=cards)

    def call(folder, *arguments):
        output.unlink(missing_ok=True)
        code = 0
        try:
            main(["map", str(shear), "--prior", str(folder), "-o", str(output), "--redshift", "0.9", *arguments])
        except SystemExit as end:
            code = end.code
        found = healpix.read(output)[0].get("KAPPA_STD") if output.exists() else None
        return code, found, capsys.readouterr().err

    return call


def test_intervals_of_a_map_are_those_of_its_nside(prior, mapped):
    save_errors(prior, bars(5), 8, read_record(prior), name_at(NSIDE), description="of its own")
    code, own, said = mapped(prior)
    assert code == 0
    assert "error bars: of its own" in said
    assert "fitted to skies" not in said
    assert "calibrated in the plane" not in said
    _, plane, said = mapped(without(prior, 16, NSIDE, 64))
    assert "calibrated in the plane" in said
    np.testing.assert_allclose(own, 5 * plane, rtol=1e-5)


def test_those_of_another_prior_are_refused(prior, mapped):
    described = prior / f"{name_at(16)}.json"
    described.write_text(json.dumps(json.loads(described.read_text()) | {"prior": "0" * 64}))
    code, found, said = mapped(prior)
    assert code == 1
    assert f"{name_at(16)}.json holds error bars of another prior" in said
    assert "Traceback" not in said
    assert found is None
    assert mapped(prior, "--no-errors")[0] == 0


def test_the_prior_that_ships_has_those_of_the_sphere():
    folder = SHIPPED / "convergence"
    for nside in (512, 1024):
        found, record = load_errors(folder, read_record(folder), name_at(nside))
        assert record["nside"] == nside
        assert found.mean.numel() == ErrorBars().mean.numel()
