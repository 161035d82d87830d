"""The joint Wiener filter of correlated skies: one sky, closed forms, a dense solve, smaller errors."""

import numpy as np
import pytest
import torch
from test_wiener_shear import SIDE, spectrum

from lofi.lensing.kaiser_squires import kaiser_squires, shear_from_convergence
from lofi.solvers.wiener import equivalent_noise, joint_wiener_filter, wiener_filter

AMPLITUDES = np.array([0.6, 1.0, 1.5])  # of the skies
CORRELATIONS = np.array([[1.0, 0.8, 0.6], [0.8, 1.0, 0.9], [0.6, 0.9, 1.0]])


def covariance(k):
    """S_ij (n, n, ...) of modes at |k|; skies are less alike at small scales."""
    shared = np.exp(-2 * k)
    return np.einsum(
        "i,j,ij...->ij...", AMPLITUDES, AMPLITUDES, np.multiply.outer(CORRELATIONS, shared)
        + np.multiply.outer(np.eye(3), 1 - shared),
    )  # fmt: skip


def spectra(side):
    """S_ij (n, n, H, W) per pixel, `fft2` order."""
    k = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None])
    return covariance(k) * spectrum(side)


def roots(matrices):
    """Symmetric roots of matrices (n, n, ...)."""
    values, vectors = np.linalg.eigh(np.moveaxis(matrices, (0, 1), (-2, -1)))
    found = np.einsum("...ik,...k,...jk->...ij", vectors, np.sqrt(np.maximum(values, 0.0)), vectors)
    return np.moveaxis(found, (-2, -1), (0, 1))


def observed(side, noise, seed):
    """Skies (n, H, W) and their shear with noise (n, H, W), 0 where masked."""
    rng = np.random.default_rng(seed)
    white = np.fft.fft2(rng.standard_normal((3, side, side)))
    kappa = np.fft.ifft2(np.einsum("ij...,j...->i...", roots(spectra(side)), white)).real
    scale = np.where(np.isfinite(noise), noise, 0.0)
    gamma = shear_from_convergence(kappa) + scale * (rng.standard_normal((3, side, side, 2)) @ [1, 1j])
    seen = np.isfinite(noise)
    gamma = np.where(seen, gamma, 0.0)
    return kappa, np.where(seen, gamma - (gamma.sum((1, 2)) / seen.sum((1, 2)))[:, None, None], 0.0)  # as KS loses it


def halves(side):
    """S_ii and the roots of the correlations on the modes of `rfft2`."""
    half = slice(0, side // 2 + 1)
    k = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None])
    scaled = covariance(k) / np.einsum("i,j->ij", AMPLITUDES, AMPLITUDES)[..., None, None]
    parts = np.einsum("ii...->i...", spectra(side))[..., half], roots(scaled)[..., half]
    return [torch.from_numpy(np.ascontiguousarray(part)) for part in parts]


def together(gamma, noise, **options):
    """Joint Wiener maps in double precision."""
    modes, (signal, mixing) = kaiser_squires(gamma), halves(gamma.shape[-1])
    image, noise_std, curl = (torch.from_numpy(np.ascontiguousarray(p)) for p in (modes.real, noise, modes.imag))
    return joint_wiener_filter(image, noise_std, signal, mixing, curl, **options).numpy()


def apart(gamma, noise):
    """Wiener maps of each sky by itself."""
    modes, half = kaiser_squires(gamma), slice(0, gamma.shape[-1] // 2 + 1)
    signal = np.einsum("ii...->i...", spectra(gamma.shape[-1]))[..., half]
    image, noise_std, signal, curl = (
        torch.from_numpy(np.ascontiguousarray(part)) for part in (modes.real, noise, signal, modes.imag)
    )
    return wiener_filter(image, noise_std, signal, curl).numpy()


def survey(side=SIDE):
    """Noise maps (n, H, W): each sky has its own depth and mask."""
    noise = np.full((3, side, side), 0.05) * np.array([1.5, 1.0, 0.7])[:, None, None]
    noise[:, :, : side // 3] *= 2
    noise[:, side // 4 : side // 2, side // 3 : side // 2] = np.inf
    noise[0, :, -2:] = np.inf
    return noise


def test_one_sky_is_the_wiener_filter_of_it():
    noise = survey()[:1]
    _, gamma = observed(SIDE, survey(), 1)
    modes, half = kaiser_squires(gamma[:1]), slice(0, SIDE // 2 + 1)
    image, noise_std, curl = (torch.from_numpy(np.ascontiguousarray(p)) for p in (modes.real, noise, modes.imag))
    signal = torch.from_numpy(spectrum(SIDE)[None, :, half].copy())
    mixing = torch.ones(1, 1, *signal.shape[1:], dtype=torch.float64)
    found = joint_wiener_filter(image, noise_std, signal, mixing, curl)
    torch.testing.assert_close(found, wiener_filter(image, noise_std, signal, curl), rtol=0, atol=1e-12)


def test_skies_that_are_not_correlated_are_filtered_apart():
    noise = survey()
    _, gamma = observed(SIDE, noise, 2)
    modes, half = kaiser_squires(gamma), slice(0, SIDE // 2 + 1)
    signal = np.einsum("ii...->i...", spectra(SIDE))[..., half]
    mixing = np.eye(3)[..., None, None] * np.ones(signal.shape[1:])
    parts = (modes.real, noise, signal, mixing, modes.imag)
    found = joint_wiener_filter(*(torch.from_numpy(np.ascontiguousarray(part)) for part in parts)).numpy()
    np.testing.assert_allclose(found, apart(gamma, noise), atol=3e-3 * np.abs(found).max())


def test_with_one_noise_level_each_it_is_the_matrix_filter_of_each_mode():
    levels = np.array([0.08, 0.05, 0.03])
    noise = levels[:, None, None] * np.ones((3, SIDE, SIDE))
    _, gamma = observed(SIDE, noise, 3)
    signal = np.moveaxis(spectra(SIDE), (0, 1), (-2, -1))  # (H, W, n, n)
    modes = np.fft.fft2(kaiser_squires(gamma).real).transpose(1, 2, 0)
    total = signal + np.diag(levels**2)
    expected = (signal @ np.linalg.solve(total, modes[..., None]))[..., 0].transpose(2, 0, 1)
    expected = np.fft.ifft2(expected).real
    np.testing.assert_allclose(together(gamma, noise), expected, atol=1e-7)


def test_it_is_the_dense_posterior_mean():
    noise = survey()
    _, gamma = observed(SIDE, noise, 4)
    pixels, seen = SIDE**2, np.isfinite(noise).reshape(3, -1)
    units = np.eye(pixels).reshape(-1, SIDE, SIDE)
    spectrum_of_units, whole = np.fft.fft2(units), spectra(SIDE)
    prior = np.block(
        [
            [np.fft.ifft2(spectrum_of_units * whole[i, j]).real.reshape(pixels, -1) for j in range(3)]
            for i in range(3)
        ]
    )  # fmt: skip
    shear = shear_from_convergence(units).reshape(pixels, -1).T
    rows, data, variance = [], [], []
    for i in range(3):
        for part in (np.real, np.imag):
            operator = np.zeros((seen[i].sum(), 3 * pixels))
            operator[:, i * pixels : (i + 1) * pixels] = part(shear[seen[i]])
            rows.append(operator)
            data.append(part(gamma[i].ravel()[seen[i]]))
            variance.append(noise[i].ravel()[seen[i]] ** 2)
    operator, data, variance = np.concatenate(rows), np.concatenate(data), np.concatenate(variance)
    total = operator @ prior @ operator.T + np.diag(variance)
    expected = (prior @ operator.T @ np.linalg.solve(total, data)).reshape(3, SIDE, SIDE)
    exact = together(gamma, noise, tolerance=1e-7)
    np.testing.assert_allclose(exact, expected, atol=2e-4 * np.abs(expected).max())
    np.testing.assert_allclose(together(gamma, noise), expected, atol=5e-3 * np.abs(expected).max())


@pytest.mark.parametrize("seed", range(3))
def test_all_errors_are_smaller_together(seed):
    noise = survey(48)
    kappa, gamma = observed(48, noise, seed)
    seen = np.isfinite(noise)
    errors = [
        [np.sqrt(np.mean((found - truth)[inside] ** 2)) for found, truth, inside in zip(maps, kappa, seen, strict=True)]
        for maps in (together(gamma, noise), apart(gamma, noise))
    ]
    assert (np.array(errors[0]) < np.array(errors[1])).all()
    assert errors[0][0] < 0.96 * errors[1][0]


def test_the_equivalent_noise_is_that_of_the_posterior():
    levels = np.array([0.08, 0.05, 0.03])
    signal, mixing = halves(SIDE)
    found = equivalent_noise(signal, mixing, torch.from_numpy(levels)).numpy()
    whole = np.moveaxis(spectra(SIDE)[..., : SIDE // 2 + 1], (0, 1), (-2, -1))
    missed = whole - whole @ np.linalg.solve(whole + np.diag(levels**2), whole)
    there = signal[0].numpy() > 0
    for i, level in enumerate(levels):
        own, error = whole[..., i, i][there], missed[..., i, i][there]
        np.testing.assert_allclose(found[i][there], 1 / (1 / error - 1 / own), rtol=1e-6)
        assert (found[i][there] < level**2).all()
        assert (found[i][~there] == level**2).all()


def test_the_equivalent_noise_of_one_sky_and_of_two_halves_of_it():
    signal = torch.from_numpy(spectrum(SIDE)[None, :, : SIDE // 2 + 1].copy())
    one = torch.ones(1, 1, *signal.shape[1:], dtype=torch.float64)
    level = torch.tensor([0.05], dtype=torch.float64)
    torch.testing.assert_close(equivalent_noise(signal, one, level), torch.full_like(signal, 0.05**2))
    same = torch.full((2, 2, *signal.shape[1:]), 0.5**0.5, dtype=torch.float64)
    half = equivalent_noise(signal.repeat(2, 1, 1), same, level.repeat(2))
    there = signal[0] > 0
    torch.testing.assert_close(half[:, there], torch.full_like(half[:, there], 0.05**2 / 2))
