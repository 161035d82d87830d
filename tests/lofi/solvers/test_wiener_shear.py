"""The Wiener filter of a masked shear map: the dense solution, the complete field, what masks cost otherwise."""

import numpy as np
import pytest
import torch

from lofi.lensing.kaiser_squires import kaiser_squires, shear_from_convergence
from lofi.solvers.wiener import wiener_filter

SIDE = 12


def spectrum(side):
    """Power per pixel (H, W), `fft2` order; nothing at the mean nor at Nyquist."""
    k = np.fft.fftfreq(side)
    power = 1e-3 / (np.hypot(k[:, None], k[None]) + 0.05) ** 1.5
    power[0, 0] = power[side // 2] = power[:, side // 2] = 0.0
    return power


def sky_of(side, seed):
    white = np.random.default_rng(seed).standard_normal((side, side))
    return np.fft.ifft2(np.fft.fft2(white) * np.sqrt(spectrum(side))).real


def observed(side, noise, seed):
    """Convergence and shear with noise, 0 where masked; no part of the shear is lost with its mean."""
    rng = np.random.default_rng(seed)
    scale = np.where(np.isfinite(noise), noise, 0.0)
    kappa = sky_of(side, seed + 1)
    gamma = shear_from_convergence(kappa) + scale * (rng.standard_normal((side, side, 2)) @ [1, 1j])
    gamma = np.where(np.isfinite(noise), gamma, 0.0)
    seen = np.isfinite(noise)
    return kappa, np.where(seen, gamma - gamma.sum() / seen.sum(), 0.0)


def filtered(gamma, noise, **options):
    modes = kaiser_squires(gamma)
    parts = [torch.from_numpy(np.ascontiguousarray(part))[None] for part in (modes.real, noise, modes.imag)]
    image, noise_std, curl = parts
    signal = torch.from_numpy(spectrum(len(gamma)))[None, :, : len(gamma) // 2 + 1]
    options = {"curl": curl} | options
    return wiener_filter(image, noise_std, signal, **options)[0].numpy()


def test_it_is_the_dense_posterior_mean():
    noise = np.full((SIDE, SIDE), 0.05)
    noise[:, :4] = 0.1
    noise[3:7, 5:9] = np.inf
    _, gamma = observed(SIDE, noise, 5)
    units = np.eye(SIDE**2).reshape(-1, SIDE, SIDE)
    covariance = np.fft.ifft2(np.fft.fft2(units) * spectrum(SIDE)).real.reshape(SIDE**2, -1)
    seen = np.isfinite(noise).ravel()
    shear = shear_from_convergence(units).reshape(SIDE**2, -1)[:, seen].T  # (data, pixels)
    operator = np.concatenate([shear.real, shear.imag])
    data = np.concatenate([gamma.ravel()[seen].real, gamma.ravel()[seen].imag])
    variance = np.tile(noise.ravel()[seen] ** 2, 2)
    total = operator @ covariance @ operator.T + np.diag(variance)
    expected = (covariance @ operator.T @ np.linalg.solve(total, data)).reshape(SIDE, SIDE)
    np.testing.assert_allclose(filtered(gamma, noise), expected, atol=2e-3 * np.abs(expected).max())


def test_in_a_complete_field_it_is_the_filter_of_the_convergence():
    noise = np.full((SIDE, SIDE), 0.05)
    _, gamma = observed(SIDE, noise, 5)
    simple = filtered(gamma, noise, curl=None)
    np.testing.assert_allclose(filtered(gamma, noise), simple, atol=1e-12)
    nearly = noise.copy()
    nearly[0, 0] *= 1.0001  # solved by iterations
    np.testing.assert_allclose(filtered(gamma, nearly), simple, atol=2e-3 * np.abs(simple).max())


@pytest.mark.parametrize("seed", range(3))
def test_behind_a_large_mask_the_shear_says_more_than_its_convergence(seed):
    noise = np.full((64, 64), 0.01)
    noise[:, :30] = np.inf
    kappa, gamma = observed(64, noise, seed)
    errors = [np.std((filtered(gamma, noise, **options) - kappa)[:, 30:]) for options in ({}, {"curl": None})]
    assert errors[0] < 0.9 * errors[1]
