"""Error bars and samples in the output of `lofi map`: where the prior has them, and what is refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from astropy.io import fits
from astropy.wcs import WCS
from scipy.stats import norm
from sky_model import NOISE

from lofi.cli import main
from lofi.io.fits import write_maps
from lofi.lensing.error_bars import ErrorBars
from lofi.lensing.error_files import files_of, load_errors, save_errors
from lofi.lensing.tangent_plane import tangent_wcs, wcs_header
from lofi.priors.record import read_record
from lofi.priors.shipped import SHIPPED

RECORD, WEIGHTS = (path.name for path in files_of("."))
NAMES = ["KAPPA_LO90", "KAPPA_LO68", "KAPPA_HI68", "KAPPA_HI90"]


@pytest.fixture
def prior(sky_prior, tmp_path):
    """A prior with error bars that nothing was calibrated on."""
    folder = Path(shutil.copytree(sky_prior, tmp_path / "mine"))
    torch.manual_seed(0)
    save_errors(folder, ErrorBars(8), 8, read_record(folder), description="quantiles of nothing")
    return folder


@pytest.fixture
def run(tmp_path, capsys):
    """Map a field with a masked corner; (exit code, file, what was said)."""

    def call(folder, *arguments, seed=0):
        rng = np.random.default_rng(seed)
        noise = np.full((40, 40), NOISE)
        noise[:8, :8] = np.inf
        gamma = np.where(np.isfinite(noise), NOISE, 0) * (rng.standard_normal((2, 40, 40)).T @ [1, 1j]).T
        names = {"GAMMA1": gamma.real, "GAMMA2": gamma.imag, "NOISE_STD": np.where(np.isfinite(noise), noise, np.nan)}
        shear, output, code = tmp_path / "shear.fits", tmp_path / "kappa.fits", 0
        maps = {name: (image, "") for name, image in names.items()}
        write_maps(shear, maps, wcs_header(tangent_wcs((30.0, 10.0), 2.0, (40, 40))), simulated=True, history=[])
        output.unlink(missing_ok=True)
        try:
            main(["map", str(shear), "--prior", str(folder), "-o", str(output), *arguments])
        except SystemExit as end:
            code = end.code
        return code, output, capsys.readouterr().err

    return call


def test_a_map_has_error_bars_where_its_prior_has(prior, run):
    code, output, said = run(prior)
    assert code == 0
    assert "note: error bars: quantiles of nothing, weights" in said
    with fits.open(output) as hdus:
        kappa, std, *bounds = (hdus[name].data for name in ("KAPPA", "KAPPA_STD", *NAMES))
        assert "quantiles of nothing" in str(hdus[0].header["HISTORY"])
    for image in (std, *bounds):
        assert (np.isnan(image) == np.isnan(kappa)).all()
    seen = np.isfinite(kappa)
    assert np.isnan(kappa[:8, :8]).all()
    assert (std[seen] > 0).all()
    assert (np.diff([image[seen] for image in [*bounds[:2], kappa, *bounds[2:]]], axis=0) > 0).all()
    for bound, quantile in zip(bounds, (0.03, 0.11, 0.79, 0.93), strict=True):  # untrained bars are Gaussian
        np.testing.assert_allclose((bound - kappa)[seen] / std[seen], norm.ppf(quantile), rtol=1e-3)


def test_a_prior_without_them_says_so_and_is_refused_where_they_are_asked_for(sky_prior, run):
    code, output, said = run(sky_prior)
    assert code == 0
    assert f"has no error bars ({RECORD}): the map has none" in said
    with fits.open(output) as hdus:
        assert not {"KAPPA_STD", *NAMES} & {hdu.name for hdu in hdus}
    code, output, said = run(sky_prior, "--errors")
    assert code == 1
    assert said.count("\n") == 1
    assert "has no error bars" in said
    assert "--errors asks for" in said
    assert not output.exists()


def test_they_can_be_left_out(prior, run):
    code, output, said = run(prior, "--no-errors")
    assert code == 0
    assert "error bars" not in said
    with fits.open(output) as hdus:
        assert "KAPPA_STD" not in hdus


def test_samples_are_maps_on_the_same_sky_and_follow_the_error_bars(prior, run):
    code, output, said = run(prior, "--samples", "12")
    assert code == 0
    assert "warning" not in said
    with fits.open(output) as hdus:
        samples, kappa, *bounds = (hdus[name].data for name in ("KAPPA_SAMPLES", "KAPPA", *NAMES))
        assert "KAPPA_SAMPLES: random streams" in "".join(hdus[0].header["HISTORY"])
        assert hdus["KAPPA_SAMPLES"].header["CTYPE3"] == "SAMPLE"
        places = (WCS(hdus[name].header).celestial for name in ("KAPPA", "KAPPA_SAMPLES"))
        np.testing.assert_allclose(*(np.ravel(wcs.pixel_to_world_values(3, 30)) for wcs in places))
        hdus.verify("exception")
    assert samples.shape == (12, *kappa.shape)
    seen = np.isfinite(kappa)
    assert (np.isfinite(samples) == seen).all()
    np.testing.assert_allclose(samples[:, seen].mean(1), 0, atol=1e-6)
    for bound, quantile in zip(bounds, (0.03, 0.11, 0.79, 0.93), strict=True):
        assert (samples[:, seen] < bound[seen]).mean() == pytest.approx(quantile, abs=0.02)


def test_samples_are_named_by_the_data_and_their_number(prior, run):
    drawn = []
    for number, seed in (("5", 0), ("2", 0), ("2", 1)):
        with fits.open(run(prior, "--samples", number, seed=seed)[1]) as hdus:
            drawn.append((hdus["KAPPA_SAMPLES"].data - hdus["KAPPA"].data)[:, 20:])
    np.testing.assert_allclose(drawn[0][:2], drawn[1], atol=1e-7)
    assert abs(np.corrcoef(drawn[1].ravel(), drawn[2].ravel())[0, 1]) < 0.2
    assert abs(np.corrcoef(drawn[0][0].ravel(), drawn[0][1].ravel())[0, 1]) < 0.2


REFUSED = {
    "none": (("--samples", "0"), "--samples is 0; expected at least 1"),
    "fewer than none": (("--samples=-3",), "--samples is -3; expected at least 1"),
    "more than fit": (("--samples", "10000000"), "GB of maps; expected at most 1342177 for this field"),
    "without error bars": (("--samples", "3", "--no-errors"), "which --no-errors leaves out"),
}


@pytest.mark.parametrize(("arguments", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_samples_that_cannot_be_are_refused(prior, run, arguments, words):
    code, output, said = run(prior, *arguments)
    assert code == 1
    assert words in said
    assert said.count("error: ") == 1
    assert "Traceback" not in said
    assert not output.exists()


def test_samples_need_a_prior_with_error_bars(sky_prior, run):
    code, output, said = run(sky_prior, "--samples", "3")
    assert code == 1
    assert said.count("\n") == 1
    assert "has no error bars (errors.json), from which --samples draws" in said
    assert not output.exists()


def changed(folder, **entries):
    record = json.loads((folder / RECORD).read_text()) | entries
    (folder / RECORD).write_text(json.dumps(record))


DAMAGE = {
    "of another prior": (lambda folder: changed(folder, prior="0" * 64), "holds error bars of another prior"),
    "other weights": (lambda folder: changed(folder, weights="0" * 64), "is not what errors.json was written for"),
    "no weights": (lambda folder: (folder / WEIGHTS).unlink(), "has errors.json and no errors.safetensors"),
    "of tomorrow": (lambda folder: changed(folder, format=2), "is of another version of lofi"),
    "other quantiles": (lambda folder: changed(folder, quantiles=[0.5]), "is of another version of lofi"),
    "no JSON": (lambda folder: (folder / RECORD).write_text("{"), "it is no JSON mapping"),
    "no mapping": (lambda folder: (folder / RECORD).write_text("[]"), "it is no JSON mapping"),
    "a width in words": (lambda folder: changed(folder, width="8"), "width is missing or not of type int"),
    "an enormous width": (lambda folder: changed(folder, width=10**9), "width is 1000000000; expected 1 to 1024"),
    "another width": (lambda folder: changed(folder, width=9), "holds no error bars of this version"),
}


@pytest.mark.parametrize(("damage", "words"), DAMAGE.values(), ids=DAMAGE.keys())
def test_what_cannot_be_used_is_one_sentence_and_nothing_is_written(prior, run, damage, words):
    damage(prior)
    code, output, said = run(prior)
    assert code == 1
    assert words in said
    assert said.count("error: ") == 1
    assert "Traceback" not in said
    assert not output.exists()
    assert run(prior, "--no-errors")[0] == 0


def test_what_is_read_is_what_was_written(prior):
    torch.manual_seed(0)
    bars, record = load_errors(prior, read_record(prior))
    features = torch.randn(5, bars.mean.numel())
    for found, expected in zip(bars(features), ErrorBars(8)(features), strict=True):
        torch.testing.assert_close(found, expected)
    assert record["description"] == "quantiles of nothing"


def test_the_prior_that_ships_has_them():
    assert load_errors(SHIPPED / "convergence", read_record(SHIPPED / "convergence")) is not None
