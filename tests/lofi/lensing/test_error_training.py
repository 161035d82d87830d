"""Training and calibration of error bars: problems whose errors are known in closed form."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import norm
from sky_model import save_sky_model

from lofi.lensing.error_bars import QUANTILES, ErrorBars
from lofi.lensing.error_features import FEATURES
from lofi.lensing.error_training import calibrate_errors, pixels_of, standardise, train_errors
from lofi.lensing.mapping import load_lensing_model


def inside(error, low, high):
    return float(((error >= low) & (error <= high)).float().mean())


@pytest.fixture(scope="module")
def gaussian(tmp_path_factory):
    """Pixels of Gaussian skies of the spectrum that a prior knows, and what the prior, a Wiener filter, gets wrong."""
    model, _ = load_lensing_model(save_sky_model(tmp_path_factory.mktemp("sky")))
    generator, maps, parts = torch.Generator().manual_seed(1), 60, {}
    pixel, redshift = torch.full((maps,), 2.0), torch.full((maps,), 0.9)
    root = model.wiener.sky.pixelised((64, 64), pixel, redshift).sqrt()
    for part in ("calibration", "unseen"):
        kappa, curl, white = (torch.randn(maps, 64, 64, generator=generator) for _ in range(3))
        truth = torch.fft.irfft2(torch.fft.rfft2(kappa) * root, s=(64, 64))
        noise = 0.01 * torch.logspace(-0.3, 0.5, maps)[:, None, None].expand_as(truth)
        sight = [torch.full_like(truth, float(value[0])) for value in (pixel, redshift)]
        observed = torch.stack([truth + noise * white, noise * curl, noise, *sight], dim=1)
        parts[part] = pixels_of(model, observed, truth, 2000, generator)
        power, level = root.square()[0], noise[:, :1, :1]
        weight = torch.ones(33).fill_(2.0)
        weight[[0, -1]] = 1.0
        variance = (weight * power / (1 + power / level**2)).sum((1, 2)) / 64**2
        parts[part]["known"] = variance.sqrt().repeat_interleave(2000)
    return parts


@pytest.mark.parametrize("steps", [0, 150])
def test_a_gaussian_posterior_is_found(gaussian, steps):
    """Standard deviation and quantiles of the closed form to 2 %, at every noise, with and without a network."""
    torch.manual_seed(0)
    bars, unseen = ErrorBars(), gaussian["unseen"]
    if steps:
        options = steps, torch.Generator().manual_seed(0)
        standardise(bars, gaussian["calibration"]["features"])
        train_errors(bars, gaussian["calibration"]["features"], gaussian["calibration"]["error"], *options)
    calibrate_errors(bars, gaussian["calibration"]["features"], gaussian["calibration"]["error"])
    quantiles, std = bars(unseen["features"])
    for part in np.array_split(np.arange(len(std)), 6):  # by noise
        scale, known = unseen["scale"][part], unseen["known"][part]
        assert float((std[part] * scale / known).mean()) == pytest.approx(1, rel=0.02)
        for q, level in enumerate(QUANTILES):
            assert float((quantiles[part, q] * scale / known).mean()) == pytest.approx(norm.ppf(level), abs=0.033)
        error = unseen["error"][part]
        assert inside(error, quantiles[part, 0], quantiles[part, 4]) == pytest.approx(0.90, abs=0.01)
        assert inside(error, quantiles[part, 1], quantiles[part, 3]) == pytest.approx(0.68, abs=0.015)


def skewed(seed, count=200_000):
    """Pixels whose error, a shifted exponential, grows with the estimate and with the noise."""
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(count, len(FEATURES), generator=generator)
    width = (0.5 * features[:, 0] + 0.3 * features[:, FEATURES.index("noise")]).exp()
    return features, width * (torch.empty(count).exponential_(generator=generator) - 1)


def test_coverage_holds_in_every_part_of_unseen_pixels_after_calibration_alone():
    """Not before it: the bars start Gaussian and as wide as the scale."""
    bars, (features, error) = ErrorBars(), skewed(0)
    unseen, wrong = skewed(1)
    before = bars(unseen)[0]
    calibrate_errors(bars, features, error)
    quantiles, std = bars(unseen)
    order = unseen[:, 0].argsort()
    worst = 0.0
    for part in [*order.tensor_split(10), order[-len(order) // 100 :]]:
        for low, high, level in ((0, 4, 0.90), (1, 3, 0.68)):
            assert inside(wrong[part], quantiles[part, low], quantiles[part, high]) == pytest.approx(level, abs=0.02)
            worst = max(worst, abs(inside(wrong[part], before[part, low], before[part, high]) - level))
        assert math.sqrt(float((wrong[part] / std[part]).square().mean())) == pytest.approx(1, rel=0.05)
    assert worst > 0.1


def test_the_network_learns_what_no_table_of_one_feature_says():
    """Where the width depends on a product of features, its bars are narrower at the same coverage."""
    generator = torch.Generator().manual_seed(3)
    features = torch.randn(60_000, len(FEATURES), generator=generator)
    error = torch.randn(60_000, generator=generator) * (features[:, 2] * features[:, 3]).clamp(-1.5, 1.5).exp()
    widths = []
    for steps in (0, 400):
        torch.manual_seed(0)
        bars = ErrorBars()
        if steps:
            standardise(bars, features[:30_000])
            train_errors(bars, features[:30_000], error[:30_000], steps, torch.Generator().manual_seed(0))
        calibrate_errors(bars, features[30_000:45_000], error[30_000:45_000])
        quantiles, _ = bars(features[45_000:])
        assert inside(error[45_000:], quantiles[:, 0], quantiles[:, 4]) == pytest.approx(0.9, abs=0.012)
        widths.append(float((quantiles[:, 4] - quantiles[:, 0]).mean()))
    assert widths[1] < 0.9 * widths[0]


def test_quantiles_are_in_order_whatever_the_weights():
    torch.manual_seed(2)
    bars = ErrorBars(8)
    for parameter in bars.network.parameters():
        parameter.data.normal_()
    bars.shifts.normal_()
    quantiles, std = bars(torch.randn(500, len(FEATURES)))
    assert (quantiles.diff(dim=1) >= 0).all()
    assert (std > 0).all()
