"""The promised noise of a shear map against its B mode: right maps raise no alarm, wrong noise is measured."""

from dataclasses import replace

import numpy as np
import pytest

from lofi.data.noise import complex_noise
from lofi.lensing.catalogue import ShearCatalogue
from lofi.lensing.kaiser_squires import shear_from_convergence
from lofi.lensing.noise_check import check_shear_noise
from lofi.lensing.shear_map import BinnedShear, bin_shear
from lofi.lensing.tangent_plane import tangent_wcs

WCS = tangent_wcs((10.0, 0.0), 2.3, (72, 72))


def sky(rng, noise=0.05, size=72, spread=0.0, holes=False, triangle=False, signal=1.0, factor=1.0):
    """A sky of thirty lenses; the map promises `noise`, scattered by `spread`, and has `factor` times as much."""
    y, x = np.mgrid[:size, :size]
    kappa = sum(0.1 * np.exp(-((x - a) ** 2 + (y - b) ** 2) / 8.0) for a, b in rng.uniform(5, size - 5, (30, 2)))
    mask = np.ones((size, size), bool)
    for a, b in rng.uniform(0, size, (8 if holes else 0, 2)):
        mask &= (x - a) ** 2 + (y - b) ** 2 > 25
    if triangle:
        mask &= x + y > 0.6 * size
    noise = noise * np.exp(spread * rng.standard_normal((size, size)))
    gamma = signal * shear_from_convergence(kappa) + factor * noise * complex_noise(1.0, rng, (size, size))
    gamma, noise = np.where(mask, gamma, 0.0), np.where(mask, noise, np.inf)
    return BinnedShear(gamma, noise, mask, None, None, 2.3, WCS)


RIGHT = {
    "full field": {},
    "no signal": {"signal": 0.0},
    "holes": {"holes": True},
    "edges and varying depth": {"holes": True, "triangle": True, "spread": 0.4},
    "deep": {"noise": 0.01},
    "shallow": {"noise": 0.3},
    "small": {"size": 24},
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_noise_raises_no_alarm(name):
    rng = np.random.default_rng(len(name))
    checks = [check_shear_noise(sky(rng, **RIGHT[name])) for _ in range(5)]
    assert np.mean([check.ratio for check in checks]) == pytest.approx(1.0, abs=0.02)
    assert all(check.warnings == [] for check in checks)


@pytest.mark.parametrize("factor", [1.3, 1.5, 0.7])
@pytest.mark.parametrize("options", [{}, {"holes": True, "triangle": True, "spread": 0.4}])
def test_wrong_noise_is_measured(factor, options):
    check = check_shear_noise(sky(np.random.default_rng(1), factor=factor, **options))
    assert check.ratio == pytest.approx(factor, rel=0.05)
    (warning,) = check.warnings
    assert ("galaxies in the catalogue twice" in warning) == (factor > 1)


def test_the_error_is_the_scatter_of_repeated_maps():
    rng = np.random.default_rng(2)
    checks = [check_shear_noise(sky(rng, signal=0.0)) for _ in range(60)]
    assert np.std([check.ratio for check in checks]) == pytest.approx(checks[0].error, rel=0.3)


def catalogue(rng, count=30000):
    ra, dec = WCS.all_pix2world(*rng.uniform(-0.5, 71.5, (2, count)), 0)
    weight = rng.uniform(0.2, 2.0, count)
    spread = 0.3 / np.sqrt(weight)
    return ShearCatalogue(ra, dec, *(spread * rng.standard_normal((2, count))), weight)


def test_galaxies_counted_twice_are_noticed_those_counted_once_are_not():
    once = catalogue(np.random.default_rng(3))
    twice = ShearCatalogue(*(np.tile(getattr(once, key), 2) for key in ("ra", "dec", "e1", "e2", "weight")))
    right = check_shear_noise(bin_shear(once, WCS, (72, 72)))
    assert right.warnings == []
    check = check_shear_noise(bin_shear(twice, WCS, (72, 72)))
    assert check.ratio == pytest.approx(np.sqrt(2) * right.ratio, rel=0.01)
    assert "twice" in check.warnings[0]


def test_weights_that_are_no_inverse_variances_are_noticed():
    galaxies = catalogue(np.random.default_rng(4))
    wrong = replace(galaxies, weight=galaxies.weight**-2.0)
    (warning,) = check_shear_noise(bin_shear(wrong, WCS, (72, 72))).warnings
    assert "weights are no inverse variances" in warning


def test_too_few_pixels_are_not_judged():
    binned = sky(np.random.default_rng(5))
    speckled = np.random.default_rng(6).random(binned.shape) < 0.5
    masked = replace(
        binned,
        gamma=np.where(speckled, binned.gamma, 0.0),
        noise_std=np.where(speckled, binned.noise_std, np.inf),
        mask=speckled,
    )
    assert check_shear_noise(masked) is None
