"""Error bars on the sphere: smoothing, the scale in closed form, and the columns of `lofi map`."""

import shutil
from pathlib import Path

import healpy as hp
import numpy as np
import pytest
import torch
from sky_model import NOISE, NOMINAL

from lofi.cli import main
from lofi.data.noise import complex_noise
from lofi.io import healpix
from lofi.lensing.error_bars import ErrorBars
from lofi.lensing.error_files import save_errors
from lofi.lensing.products import ERROR_BARS, error_maps, errors_of
from lofi.priors.record import read_record
from lofi.sphere.error_bars import smooth_sphere, sphere_features
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.pixels import pixel_arcmin
from lofi.sphere.shear_map import SphereShear, shear_columns

NSIDE = 32
PIXELS = 12 * NSIDE**2


def test_smoothing_is_that_of_healpy():
    harmonics, width = Harmonics(NSIDE), 2 * pixel_arcmin(NSIDE)
    image = np.zeros(PIXELS, dtype=np.float32)
    image[hp.query_disc(NSIDE, [1, 0, 0], 0.3)] = 1.0
    expected = hp.smoothing(image, sigma=np.radians(width / 60), lmax=2 * NSIDE, iter=3)
    found = smooth_sphere(harmonics)(torch.from_numpy(image), width).numpy()
    np.testing.assert_allclose(found, expected, atol=5e-3)


def test_untrained_bars_are_the_wiener_filters_own_error():
    """`σ² = Σ (2ℓ+1)/4π C N / (C + N)`, N the noise per steradian, where the survey is complete; more near a mask."""
    harmonics, noise = Harmonics(NSIDE), np.full(PIXELS, 0.02)
    ell = np.arange(harmonics.lmax + 1)
    power = 1e-3 / (ell + 10.0) ** 1.5 * (ell > 1)
    white = 0.02**2 * 4 * np.pi / PIXELS
    expected = np.sqrt(np.sum((2 * ell + 1) / (4 * np.pi) * power * white / (power + white)))
    maps = np.zeros((2, PIXELS))

    def error():
        features = sphere_features(harmonics, *maps, noise, power, 0.9)
        return error_maps(*errors_of(ErrorBars(8), *features), maps[0], np.isfinite(noise))["KAPPA_STD"]

    found = error()
    np.testing.assert_allclose(found, expected, rtol=0.01)
    disc = hp.query_disc(NSIDE, [1, 0, 0], 0.3)
    noise[disc] = np.inf
    found = error()
    assert np.isnan(found[disc]).all()
    ring = np.setdiff1d(hp.query_disc(NSIDE, [1, 0, 0], 0.33), disc)
    assert found[ring].mean() > 1.05 * expected
    far = np.setdiff1d(np.arange(PIXELS), hp.query_disc(NSIDE, [1, 0, 0], 0.9))
    np.testing.assert_allclose(found[far], expected, rtol=0.02)


@pytest.fixture
def observed(sky_prior, tmp_path):
    """A prior with error bars that nothing was calibrated on, and a HEALPix shear map with a hole."""
    folder = Path(shutil.copytree(sky_prior, tmp_path / "mine"))
    save_errors(folder, ErrorBars(8), 8, read_record(folder), description="quantiles of nothing")
    noise = np.full(PIXELS, 30 * NOISE * NOMINAL / pixel_arcmin(NSIDE))
    noise[hp.query_disc(NSIDE, [1, 0, 0], 0.4)] = np.inf
    gamma = np.where(np.isfinite(noise), complex_noise(noise, np.random.default_rng(3)), 0.0)
    columns, cards = shear_columns(SphereShear(gamma, noise, NSIDE))
    healpix.write(tmp_path / "shear.fits", columns, np.isfinite(noise), simulated=True, history=[], cards=cards)
    return folder, tmp_path / "shear.fits"


@pytest.mark.parametrize("flag", ["--errors", "--no-errors"])
def test_a_sky_has_the_columns_unless_they_are_left_out(observed, tmp_path, capsys, flag):
    (folder, shear), output = observed, tmp_path / "kappa.fits"
    main(["map", str(shear), "--prior", str(folder), "-o", str(output), "--redshift", "0.9", flag])
    maps, seen, _ = healpix.read(output)
    assert (set(ERROR_BARS) <= set(maps)) == (flag == "--errors")
    assert ("calibrated in the plane" in capsys.readouterr().err) == (flag == "--errors")
    if flag == "--errors":
        ordered = [maps[name][seen] for name in ("KAPPA_LO90", "KAPPA_LO68", "KAPPA", "KAPPA_HI68", "KAPPA_HI90")]
        assert (np.diff(ordered, axis=0) > 0).all()


def test_a_sky_has_no_samples(observed, tmp_path, capsys):
    (folder, shear), output = observed, tmp_path / "kappa.fits"
    with pytest.raises(SystemExit):
        main(["map", str(shear), "--prior", str(folder), "-o", str(output), "--samples", "3"])
    assert "is on the sphere; samples cannot be used with it" in capsys.readouterr().err
    assert not output.exists()
