"""Averages over larger pixels, known at every pixel: their noise, their masks."""

import numpy as np
import pytest
import torch

from lofi.solvers.smoothing import averaged


def white(images, side, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((images, side, side)))


def test_a_factor_of_one_changes_nothing():
    image = white(2, 32)
    noise = 0.5 + 0.1 * white(2, 32, 1).abs()
    noise[0, 3:6, 4:9] = torch.inf
    found, level = averaged(image, noise, torch.ones(2))
    torch.testing.assert_close(found, image, rtol=0, atol=1e-5)
    torch.testing.assert_close(level, noise, rtol=1e-5, atol=0)


@pytest.mark.parametrize("factor", [1.5, 4.0, 7.8])
def test_the_noise_of_averages_is_what_is_said(factor):
    noise = torch.full((24, 64, 64), 0.3, dtype=torch.float64)
    found, level = averaged(0.3 * white(24, 64), noise, torch.full((24,), factor, dtype=torch.float64))
    assert float(level.std()) < 1e-6
    assert float(found.std()) == pytest.approx(float(level.mean()), rel=0.03)
    assert float(level.mean()) < 0.35 * 0.3 if factor > 3 else float(level.mean()) < 0.3


def test_varying_noise_is_weighted_by_its_inverse_variance():
    noise = torch.full((1, 48, 48), 1.0, dtype=torch.float64)
    noise[:, :, 24:] = 10.0
    image = torch.where(noise > 5, 100.0, 1.0)  # the loud half says little where both are near
    found, level = averaged(image, noise, torch.tensor([4.0], dtype=torch.float64))
    assert float(found[0, 10, 23]) < 3
    assert float(level[0, 10, 12]) < float(level[0, 10, 36])


def test_masked_pixels_do_not_count_and_large_holes_stay():
    noise = torch.full((1, 64, 64), 1.0, dtype=torch.float64)
    noise[0, 20:22, 20:22] = torch.inf  # small against the average
    noise[0, 40:60, 40:60] = torch.inf
    image = torch.ones(1, 64, 64, dtype=torch.float64)
    image[0, 20:22, 20:22] = 1e6
    found, level = averaged(image, noise, torch.tensor([5.0], dtype=torch.float64))
    assert float(found[0, 20, 20]) == pytest.approx(1.0)
    assert torch.isfinite(level[0, 20, 20])
    assert torch.isinf(level[0, 50, 50])
    assert torch.isfinite(found).all()
