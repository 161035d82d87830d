"""Posterior samples: problems whose posterior is known in closed form, and the laws that single pixels follow."""

import numpy as np
import pytest
import torch
from scipy.stats import kstest, norm

from lofi.lensing import posterior_samples
from lofi.lensing.error_bars import QUANTILES
from lofi.lensing.error_features import plane_features
from lofi.lensing.error_law import error_at
from lofi.lensing.kaiser_squires import shear_from_convergence
from lofi.lensing.posterior_samples import draw_samples, strengths, wiener_errors
from lofi.solvers.wiener import hermitian_weight, radial_frequency

SCORES = torch.tensor(norm.ppf(QUANTILES), dtype=torch.float32)


def spectrum(shape):
    power = 1e-4 / (radial_frequency(shape) + 0.05) ** 1.5
    power[0, 0] = 0.0
    return power


def gaussian_law(std):
    return std[:, None] * SCORES, std


def test_in_even_noise_mean_and_covariance_are_those_of_the_wiener_filter(monkeypatch):
    """Covariance `S N / (S + N)` of the modes; both to 2 %, also after the errors have gone through the error bars."""
    monkeypatch.setattr(posterior_samples, "STRENGTH_STD", 0.0)
    shape, noise, count = (48, 48), torch.full((48, 48), 0.02), 400
    signal, zero = spectrum(shape), torch.zeros(shape)
    _, scale = plane_features(zero, zero, noise, 2.0, 0.9, signal)
    kappa = 0.01 * np.random.default_rng(0).standard_normal(48 * 48).astype(np.float32)
    samples = draw_samples(kappa, gaussian_law(scale), scale, signal, noise, 2.0, count, ["a"])
    expected = signal * 0.02**2 / (signal + 0.02**2)
    wrong = torch.from_numpy(samples - kappa + kappa.mean()).unflatten(1, shape)
    power = torch.fft.rfft2(wrong).abs().square().mean(0) / noise.numel()
    weight = hermitian_weight(shape).expand_as(power)
    for low, high in ((0.01, 0.12), (0.12, 0.2), (0.2, 0.35), (0.35, 0.7)):
        ring = (radial_frequency(shape) > low) & (radial_frequency(shape) <= high)
        ratio = (power * weight)[ring].sum() / (expected * weight)[ring].sum()
        assert float(ratio) == pytest.approx(1, abs=0.02)
    assert float(wrong.mean(0).abs().max() / wrong.std()) < 5 / count**0.5
    assert np.abs(samples.mean(1)).max() < 1e-6


def test_behind_a_mask_and_in_uneven_noise_the_covariance_is_that_of_dense_algebra():
    """`(S⁻¹ + A* N⁻¹ A)⁻¹`, A from convergence to shear, of the pixels that have data and of those that have none."""
    shape, count, pixels = (9, 11), 4000, 99  # odd: the shear of a real map is then exact in all modes
    rng, signal = np.random.default_rng(1), spectrum((9, 11))
    noise = 0.01 * np.exp(0.5 * rng.standard_normal(shape))
    noise[3:6, 4:7] = np.inf
    units = np.eye(pixels).reshape(pixels, *shape)
    gamma = shear_from_convergence(units).reshape(pixels, -1).T  # (pixels of shear, pixels of convergence)
    root = np.fft.irfft2(np.fft.rfft2(units) * np.sqrt(signal.numpy()), s=shape).reshape(pixels, -1)
    information = (gamma.conj().T @ (noise.ravel()[:, None] ** -2.0 * gamma)).real
    known = root @ np.linalg.inv(np.eye(pixels) + root @ information @ root) @ root
    errors = torch.stack(list(wiener_errors(signal, torch.from_numpy(noise).float(), count, ["b"]))).flatten(1).numpy()
    found = errors.T @ errors / count
    assert np.trace(found) == pytest.approx(np.trace(known), rel=0.02)
    masked = ~np.isfinite(noise.ravel())
    assert np.trace(found[masked][:, masked]) == pytest.approx(np.trace(known[masked][:, masked]), rel=0.02)
    assert np.abs(found - known).max() < 5 * known.diagonal().max() / count**0.5
    pairs = ~np.eye(pixels, dtype=bool)
    assert np.corrcoef(found[pairs], known[pairs])[0, 1] > 0.9


def test_a_law_meets_its_quantiles_and_its_standard_deviation():
    rng = torch.Generator().manual_seed(0)
    gaps = torch.rand(50, 5, generator=rng) + 0.3
    gaps[:, -1] += 0.5
    quantiles = gaps.cumsum(1) - 3.0
    scores = torch.tensor(norm.ppf((np.arange(20_000) + 0.5) / 20_000), dtype=torch.float32)[:, None].expand(-1, 50)
    plain = (
        error_at(scores, quantiles, torch.zeros(50)).square().mean(0).sqrt()
    )  # no standard deviation asks for a tail
    errors = error_at(scores, quantiles, 1.03 * plain)
    np.testing.assert_allclose(error_at(SCORES[:, None].expand(-1, 50), quantiles, plain), quantiles.T, atol=1e-5)
    np.testing.assert_allclose(errors.square().mean(0).sqrt(), 1.03 * plain, rtol=2e-3)
    assert (errors.diff(dim=0) >= 0).all()


def test_the_law_of_gaussian_bars_is_gaussian():
    std, scores = torch.tensor([0.5, 2.0]), torch.randn(1000, 2, generator=torch.Generator().manual_seed(1))
    np.testing.assert_allclose(error_at(scores, *gaussian_law(std)), scores * std, rtol=2e-3, atol=1e-5)


def test_pixels_follow_the_error_bars_whatever_the_noise_and_beside_masks():
    """Each pixel's samples against the law of the bars, skewed and wide here, by distance to the mask."""
    shape, noise = (48, 48), torch.full((48, 48), 0.01)
    noise[:, 24:] = 0.03
    noise[10:20, 10:20] = torch.inf
    seen, zero, signal = torch.isfinite(noise), torch.zeros(shape), spectrum((48, 48))
    _, scale = plane_features(zero, zero, noise, 2.0, 0.9, signal)
    quantiles, scores = torch.tensor([[-1.2, -0.9, -0.2, 0.9, 2.5]]), torch.linspace(-5, 5, 1001)[:, None]
    density = torch.exp(-(scores**2) / 2)
    quantiles -= (density * error_at(scores, quantiles, torch.zeros(1))).sum() / density.sum()  # as means are taken off
    law = scale[:, None] * quantiles, torch.zeros_like(scale)
    kappa = np.zeros(int(seen.sum()), dtype=np.float32)
    samples = draw_samples(kappa, law, scale, signal, noise, 2.0, 200, ["c"])
    columns, rows = np.meshgrid(np.arange(48), np.arange(48))
    near = (np.abs(columns - 14.5) < 6.6) & (np.abs(rows - 14.5) < 6.6)
    for part in (near, ~near & (columns < 24), columns >= 24):
        chosen = part[seen.numpy()]
        for q, level in enumerate(QUANTILES):
            below = samples[:, chosen] / scale.numpy()[chosen] < float(quantiles[0, q])
            assert below.mean() == pytest.approx(level, abs=0.03)


def test_the_strength_of_errors_is_the_same_over_a_small_field_and_evens_out_over_a_large_one():
    small = torch.stack(list(strengths((16, 16), 0.5, 400, ["small"])))
    assert float(small.log().std()) == pytest.approx(posterior_samples.STRENGTH_STD, rel=0.15)
    assert float(small.square().mean()) == pytest.approx(1, abs=0.015)
    assert float((small.amax((1, 2)) / small.amin((1, 2))).max()) < 1.02
    large = torch.stack(list(strengths((64, 64), 20.0, 20, ["large"])))
    assert float(large.log().std()) == pytest.approx(posterior_samples.STRENGTH_STD, rel=0.15)
    assert float(large.mean((1, 2)).std()) < 0.1 * posterior_samples.STRENGTH_STD


def test_ranks_of_truths_are_uniform_where_sky_and_noise_are_as_assumed(monkeypatch):
    """Pixels, and the power of the maps in bins: 100 Gaussian skies, observed, filtered, and 9 samples of each."""
    monkeypatch.setattr(posterior_samples, "STRENGTH_STD", 0.0)
    shape, noise, zero = (16, 16), torch.full((16, 16), 0.02), torch.zeros(16, 16)
    signal, rng, ranks = spectrum(shape), np.random.default_rng(2), []
    _, scale = plane_features(zero, zero, noise, 2.0, 0.9, signal)
    gain, frequency = signal / (signal + 0.02**2), radial_frequency(shape)
    for number in range(100):
        white = torch.from_numpy(rng.standard_normal((2, *shape), dtype=np.float32))
        sky = torch.fft.rfft2(white[0]) * signal.sqrt()
        estimate = torch.fft.irfft2((sky + 0.02 * torch.fft.rfft2(white[1])) * gain, s=shape).flatten().numpy()
        samples = draw_samples(estimate, gaussian_law(scale), scale, signal, noise, 2.0, 9, ["d", number])
        maps = torch.cat([torch.from_numpy(samples), torch.fft.irfft2(sky, s=shape).flatten()[None]]).unflatten(
            1, shape
        )
        power = torch.fft.rfft2(maps).abs().square()
        values = [maps[:, 3, 5], *(power[:, ring].sum(1) for ring in (frequency < 0.15, frequency > 0.15))]
        ranks.append([int((value[:-1] < value[-1]).sum()) for value in values])
    for rank in np.array(ranks).T:
        assert kstest((rank + rng.random(100)) / 10, "uniform").pvalue > 0.01
