"""What error bars are predicted from: the Wiener filter's own error, and features that know no direction."""

import numpy as np
import pytest
import torch

from lofi.lensing.error_features import FEATURES, plane_features, posterior_std
from lofi.solvers.wiener import hermitian_weight, radial_frequency

SHAPE, PIXEL, REDSHIFT = (32, 32), 1.5, 0.8


def spectrum(shape=SHAPE):
    """Power per pixel of a steep spectrum on the `rfft2` modes."""
    power = 1e-3 / (radial_frequency(shape) + 0.03) ** 2
    power[0, 0] = 0.0
    return power


def fields(seed=0):
    generator = torch.Generator().manual_seed(seed)
    kappa, wiener = torch.randn(2, *SHAPE, generator=generator)
    noise = 0.05 + 0.1 * torch.rand(SHAPE, generator=generator)
    noise[3:9, 20:28] = torch.inf
    return kappa, wiener, noise


def test_the_scale_is_the_posterior_of_a_gaussian_signal():
    """Compared with the diagonal of `(S⁻¹ + N⁻¹)⁻¹`, a dense matrix."""
    shape = (8, 8)
    power = spectrum(shape)
    unit = torch.eye(64, dtype=torch.float64).reshape(64, *shape)
    covariance = torch.fft.irfft2(torch.fft.rfft2(unit) * power, s=shape).reshape(64, 64).numpy()
    for noise in (0.01, 0.1, 0.3):
        dense = covariance - covariance @ np.linalg.solve(covariance + noise**2 * np.eye(64), covariance)
        found = posterior_std(power, hermitian_weight(shape) / 64, torch.tensor([noise, 0.005, 1.0]))[0]
        assert float(found) == pytest.approx(np.sqrt(dense[0, 0]), rel=0.01)


def test_features_turn_and_shift_with_the_map():
    kappa, wiener, noise = fields()
    places = torch.arange(kappa.numel()).reshape(SHAPE)
    seen = places[torch.isfinite(noise)]
    found, scale = plane_features(kappa, wiener, noise, PIXEL, REDSHIFT, spectrum())
    for move in (lambda x: x.rot90(1, (-2, -1)), lambda x: x.flip(-1), lambda x: x.roll((5, -9), (-2, -1))):
        moved, moved_scale = plane_features(*map(move, (kappa, wiener, noise)), PIXEL, REDSHIFT, spectrum())
        order = torch.searchsorted(seen, move(places)[torch.isfinite(move(noise))])
        torch.testing.assert_close(moved, found[order], rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(moved_scale, scale[order], rtol=1e-4, atol=1e-5)


def test_features_have_no_unit_but_the_redshift():
    """A sky and a noise of twice the amplitude give the same features; means of the maps are of no account."""
    kappa, wiener, noise = fields()
    found, scale = plane_features(kappa, wiener, noise, PIXEL, REDSHIFT, spectrum())
    twice, twice_scale = plane_features(2 * kappa + 7, 2 * wiener - 3, 2 * noise, PIXEL, REDSHIFT, 4 * spectrum())
    torch.testing.assert_close(twice, found, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(twice_scale, 2 * scale, rtol=1e-3, atol=0)
    assert found.shape == (int(torch.isfinite(noise).sum()), len(FEATURES))
    assert torch.isfinite(found).all()


def test_the_scale_grows_with_the_noise_and_towards_a_mask():
    kappa, wiener, _ = fields()
    noise = torch.full(SHAPE, 0.1)
    _, plain = plane_features(kappa, wiener, noise, PIXEL, REDSHIFT, spectrum())
    _, noisier = plane_features(kappa, wiener, 2 * noise, PIXEL, REDSHIFT, spectrum())
    assert (noisier > 1.05 * plain).all()
    noise[10:20, 10:20] = torch.inf
    _, masked = plane_features(kappa, wiener, noise, PIXEL, REDSHIFT, spectrum())
    assert masked[9 * 32 + 15] > 1.05 * masked[0]  # the row above the mask, and far from it
    assert float(masked[0]) == pytest.approx(float(plain[0]), rel=1e-3)
