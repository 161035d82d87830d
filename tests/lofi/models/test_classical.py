"""Reconstructions without a network: what they must give on skies whose best estimate is known."""

import pytest
import torch

from lofi.models.registry import build
from lofi.solvers.smoothing import smooth
from lofi.solvers.wiener import radial_frequency

CHANNELS, SIZE, NOISE = ["kappa_e", "noise_std"], (32, 32), 0.8


def sky(maps, seed, lognormal=False):
    """Observed (N, 2, H, W) and truth (N, 1, H, W): a red Gaussian field, or its skewed transform, in white noise."""
    generator = torch.Generator().manual_seed(seed)
    white = torch.randn(maps, *SIZE, generator=generator)
    shape = torch.exp(-((radial_frequency(SIZE) / 0.12) ** 2))
    shape[0, 0] = 0.0
    truth = torch.fft.irfft2(torch.fft.rfft2(white) * shape, s=SIZE)
    truth = truth / truth.std()
    if lognormal:
        truth = (1.2 * truth).exp()
    truth = truth - truth.mean((-2, -1), keepdim=True)
    noise = torch.full_like(truth, NOISE)
    observed = torch.stack([truth + noise * torch.randn(truth.shape, generator=generator), noise], 1)
    return observed, truth[:, None]


def fitted(name, training, validation):
    model = build({"class": name}, CHANNELS, SIZE)
    model.calibrate(training, validation)
    return model


def rmse(model, pair):
    return float((model.reconstruct(pair[0]) - pair[1]).square().mean().sqrt())


def test_identity_is_the_first_channel():
    observed, _ = sky(2, 1)
    assert torch.equal(build({"class": "identity"}, CHANNELS, SIZE).reconstruct(observed), observed[:, :1])


def test_gaussian_smoothing_finds_the_width():
    sharp = sky(8, 2)[0]
    target = build({"class": "gaussian"}, CHANNELS, SIZE)
    target.width.fill_(2.3)
    model = fitted("gaussian", None, (sharp, target.reconstruct(sharp)))
    assert float(model.width) == pytest.approx(2.3, abs=0.051)
    noisy = sky(8, 3)
    model = fitted("gaussian", None, noisy)
    errors = []
    for width in (0.7 * float(model.width), float(model.width), 1.4 * float(model.width)):
        target.width.fill_(width)
        errors.append(rmse(target, noisy))
    assert errors[1] == min(errors)


def test_gaussian_smoothing_is_a_gaussian_of_unit_sum():
    impulse = torch.zeros(1, 2, 33, 33)
    impulse[0, 0, 16, 16] = 1.0
    impulse[0, 1] = NOISE
    model = build({"class": "gaussian"}, CHANNELS, (33, 33))
    model.width.fill_(2.0)
    y = torch.arange(33.0) - 16
    profile = torch.exp(-0.5 * (y / 2.0) ** 2)
    kernel = profile[:, None] * profile[None, :]
    torch.testing.assert_close(model.reconstruct(impulse)[0, 0], kernel / kernel.sum(), rtol=0, atol=1e-6)


def test_smoothing_leaves_masked_pixels_out_and_weighs_by_depth():
    noise = torch.full((1, 24, 24), 0.5)
    noise[0, 5:9, 5:9] = torch.inf
    noise[0, 12:] = 1.0
    image = torch.full((1, 24, 24), 3.0)
    image[0, 5:9, 5:9] = 1e6  # whatever a hole holds does not matter
    torch.testing.assert_close(smooth(image, noise, 2.0), torch.full((1, 24, 24), 3.0))
    image = torch.zeros(1, 24, 24)
    image[0, 12:] = 1.0
    edge = smooth(image, noise, 3.0)[0, 11:13, 20].mean()
    assert 0.15 < edge < 0.25  # the shallow half has a quarter of the weight


def test_the_curve_knows_the_noise_level():
    training = sky(200, 4, lognormal=True)
    model = build({"class": "wiener_curve"}, CHANNELS, SIZE)
    model.calibrate(training, None)
    truth = sky(60, 9, lognormal=True)
    for factor in (0.4, 1.0, 2.2):
        observed = truth[0].clone()
        observed[:, :1] = truth[1] + factor * (truth[0][:, :1] - truth[1])
        observed[:, 1] *= factor
        own = build({"class": "wiener_curve"}, CHANNELS, SIZE)
        scaled = training[0].clone()
        scaled[:, :1] = training[1] + factor * (training[0][:, :1] - training[1])
        scaled[:, 1] *= factor
        own.calibrate((scaled, training[1]), None)
        assert rmse(model, (observed, truth[1])) == pytest.approx(rmse(own, (observed, truth[1])), rel=0.01)


def test_the_wiener_map_is_best_on_a_gaussian_sky():
    training, validation, test = sky(200, 4), sky(20, 5), sky(50, 6)
    errors = {name: rmse(fitted(name, training, validation), test) for name in ("identity", "gaussian", "wiener")}
    assert errors["wiener"] < errors["gaussian"] < errors["identity"]
    assert errors["identity"] == pytest.approx(NOISE, rel=0.02)


def test_the_curve_of_a_gaussian_sky_is_the_identity():
    training, test = sky(400, 7), sky(50, 8)
    wiener, curve = fitted("wiener", training, None), fitted("wiener_curve", training, None)
    linear, curved = wiener.reconstruct(test[0]), curve.reconstruct(test[0])
    slope = float((linear * curved).sum() / linear.square().sum())
    assert slope == pytest.approx(1.0, abs=0.02)
    assert float((curved - linear).square().mean().sqrt()) < 0.05 * float(linear.std())


def test_the_curve_helps_on_a_skewed_sky():
    training, test = sky(400, 9, lognormal=True), sky(50, 10, lognormal=True)
    linear, curve = (rmse(fitted(name, training, None), test) for name in ("wiener", "wiener_curve"))
    assert curve < 0.98 * linear


def test_the_curve_needs_enough_pixels():
    with pytest.raises(ValueError, match="curve of the Wiener map needs more than 1024 training pixels"):
        fitted("wiener_curve", sky(1, 11), None)


@pytest.mark.parametrize("name", ["identity", "gaussian", "wiener", "wiener_curve"])
def test_other_resolutions_over_the_same_area(name):
    pair = sky(8, 12)
    model = fitted(name, pair, pair)
    observed = pair[0][:2]
    own, finer = model.reconstruct(observed), model.reconstruct(observed, (96, 64))
    assert finer.shape == (2, 1, 96, 64)
    torch.testing.assert_close(model.reconstruct(observed, SIZE), own)
    # A third of a pixel each: every third row has its centre on a row of the input; columns lie between.
    between = finer[:, :, 1::3]
    assert float((between - own.repeat_interleave(2, -1)).abs().mean()) < float(own.std())


@pytest.mark.parametrize("name", ["wiener", "wiener_curve"])
def test_the_wiener_filter_needs_the_noise(name):
    with pytest.raises(ValueError, match="needs a noise_std channel; observed are kappa_e, kappa_b"):
        build({"class": name}, ["kappa_e", "kappa_b"], SIZE)
