"""The E/B check recognises the right sign of e2."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from lofi.data.noise import complex_noise
from lofi.lensing.eb_diagnostics import eb_check, smoothed_modes
from lofi.lensing.kaiser_squires import shear_from_convergence
from lofi.lensing.shear_map import BinnedShear
from lofi.lensing.tangent_plane import tangent_wcs
from lofi.seeds import stream


def sky(signal=1.0, noise=0.03, size=96):
    rng = stream("eb", "sky")
    y, x = np.mgrid[:size, :size]
    kappa = sum(0.15 * np.exp(-((x - a) ** 2 + (y - b) ** 2) / 18.0) for a, b in rng.uniform(5, size - 5, (25, 2)))
    mask = np.ones((size, size), bool)
    mask[40:50, 10:30] = False
    gamma = signal * shear_from_convergence(kappa) + complex_noise(noise, rng, (size, size))
    return BinnedShear(
        gamma=np.where(mask, gamma, 0.0),
        noise_std=np.where(mask, noise, np.inf),
        mask=mask,
        count=None,
        weight_sum=None,
        pixel_arcmin=1.5,
        wcs=tangent_wcs((10.0, 0.0), 1.5, (size, size)),
    )


def test_right_sign():
    check = eb_check(sky(), 3.0)
    assert check.ratio > 3
    assert check.ratio_flipped < check.ratio
    assert check.skewness > 0.5
    assert not check.suspicious


def test_wrong_sign_of_e2():
    right = sky()
    check = eb_check(replace(right, gamma=right.gamma.conj()), 3.0)
    assert check.ratio_flipped == pytest.approx(eb_check(right, 3.0).ratio)
    assert check.suspicious


def test_wrong_sign_of_both_shows_in_the_skewness_only():
    right = sky()
    check = eb_check(replace(right, gamma=-right.gamma), 3.0)
    assert check.ratio == pytest.approx(eb_check(right, 3.0).ratio)
    assert check.skewness < -0.5


def test_noise_scatters_as_predicted():
    base = sky()
    rng = stream("eb", "noise")
    checks = [eb_check(replace(base, gamma=base.mask * complex_noise(0.1, rng, base.shape)), 3.0) for _ in range(40)]
    ratios = np.array([check.ratio for check in checks])
    assert abs(ratios.mean() - 1) < 4 * checks[0].scatter / np.sqrt(40)
    assert ratios.std() == pytest.approx(checks[0].scatter, rel=0.5)
    assert not any(check.suspicious for check in checks)


def test_modes_of_a_masked_map_are_finite():
    base = sky()
    gamma = np.where(base.mask, base.gamma, np.nan)
    assert all(np.isfinite(mode).all() for mode in smoothed_modes(gamma, base.mask, 2.0))


@pytest.mark.parametrize("smoothing", [0.0, -1.0, float("nan")])
def test_wrong_smoothing(smoothing):
    with pytest.raises(ValueError, match="smoothing_arcmin is"):
        eb_check(sky(), smoothing)


def gaussian_sky(size=96, noise=0.03, seed=0):
    """A sky without skewness, as bright as `sky`."""
    rng = np.random.default_rng(seed)
    kappa = gaussian_filter(rng.standard_normal((size, size)), 3.0, mode="wrap")
    gamma = shear_from_convergence(0.05 * kappa / kappa.std()) + complex_noise(noise, rng, (size, size))
    base = sky(size=size)
    return replace(base, gamma=np.where(base.mask, gamma, 0.0))


def advice(binned):
    return " ".join(eb_check(binned, 3.0).notes("3'"))


def test_a_right_frame_gets_no_advice():
    for binned in (sky(), gaussian_sky(), replace(gaussian_sky(), gamma=-gaussian_sky().gamma), sky(signal=0.0)):
        assert "-sign" not in advice(binned)


@pytest.mark.parametrize("component", ["e1", "e2"])
def test_the_sign_of_one_component_is_found_where_the_sky_is_skewed(component):
    right = sky()
    gamma = right.gamma.conj() if component == "e2" else -right.gamma.conj()
    assert f"that of --{component}-sign -1 is skewed to positive values" in advice(replace(right, gamma=gamma))


@pytest.mark.parametrize("seed", range(3))
def test_on_a_gaussian_sky_the_frame_is_doubted_but_no_sign_is_advised(seed):
    right = gaussian_sky(seed=seed)
    for gamma in (right.gamma.conj(), -right.gamma.conj()):
        sentence = advice(replace(right, gamma=gamma))
        assert "the frame of e1, e2 looks wrong" in sentence
        assert "does not tell which is right: check with a known cluster" in sentence


def test_both_signs_are_doubted_on_a_skewed_sky_only():
    right = sky()
    assert "--e1-sign -1 --e2-sign -1" in advice(replace(right, gamma=-right.gamma))
    for seed in range(3):
        gaussian = gaussian_sky(seed=seed)
        assert "--e1-sign" not in advice(replace(gaussian, gamma=-gaussian.gamma))


@pytest.mark.parametrize("seed", range(5))
def test_shear_at_the_wrong_places_gets_no_advice_on_signs(seed):
    right = sky()
    order = np.random.default_rng(seed).permutation(right.gamma.size)
    mixed = right.gamma.ravel()[order].reshape(right.shape)
    assert "-sign" not in advice(replace(right, gamma=np.where(right.mask, mixed, 0.0)))
