"""The Wiener filter against closed forms and a dense solve."""

import numpy as np
import pytest
import torch

from lofi.solvers.wiener import WienerFilter, _solve, hermitian_weight, radial_frequency

SHAPES = [(8, 8), (9, 11), (12, 7)]


def filter_with(power=lambda k: 1.0 / (0.02 + k) ** 1.5):
    """A float64 filter whose table is `power(|k|)`."""
    wiener = WienerFilter().double()
    wiener.power.copy_(power(torch.linspace(0, np.sqrt(0.5), wiener.bins, dtype=torch.float64)))
    return wiener


def data_of(shape, batch=1):
    return torch.randn(batch, *shape, generator=torch.Generator().manual_seed(4), dtype=torch.float64)


def dense_signal(wiener, shape):
    """The circulant covariance (HW, HW) of a spectrum, built column by column with numpy."""
    half = wiener.signal_power(shape).numpy()
    pixels = shape[0] * shape[1]
    covariance = np.zeros((pixels, pixels))
    for place in range(pixels):
        unit = np.zeros(shape)
        unit.flat[place] = 1.0
        covariance[:, place] = np.fft.irfft2(np.fft.rfft2(unit) * half, s=shape).ravel()
    return covariance


def noise_map(shape, holes=True):
    rng = np.random.default_rng(5)
    noise = rng.uniform(0.5, 3.0, shape)
    if holes:
        noise[rng.random(shape) < 0.2] = np.inf
        noise[0, 0] = np.inf
    return noise


def dense_solution(wiener, image, noise):
    """`S W (S W + 1)⁻¹ d`, W = N⁻¹, which needs no inverse of S."""
    signal, weight = dense_signal(wiener, image.shape), np.diag(noise.ravel() ** -2.0)
    return (signal @ weight @ np.linalg.solve(signal @ weight + np.eye(len(signal)), image.ravel())).reshape(
        image.shape
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_one_noise_level_is_the_closed_form(shape):
    wiener, image = filter_with(), data_of(shape, 2)
    level = torch.tensor([0.7, 2.0], dtype=torch.float64)[:, None, None]
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None, :])
    table = np.linspace(0, np.sqrt(0.5), wiener.bins)
    signal = np.interp(frequency, table, wiener.power.numpy())
    signal[0, 0] = 0.0
    expected = np.fft.ifft2(np.fft.fft2(image.numpy()) * signal / (signal + level.numpy() ** 2)).real
    np.testing.assert_allclose(wiener(image, level.expand_as(image)), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("holes", [False, True])
def test_a_noise_map_is_the_dense_solve(shape, holes):
    wiener, image, noise = filter_with(), data_of(shape), noise_map(shape, holes)
    weight = torch.from_numpy(noise**-2.0)[None]
    expected = dense_solution(wiener, image[0].numpy(), noise)
    exact = _solve([image], [torch.ones(())], weight, wiener.signal_power(shape), iterations=500, tolerance=1e-12)[0]
    np.testing.assert_allclose(exact, expected, rtol=0, atol=1e-7)
    usual = wiener(image, torch.from_numpy(noise)[None])[0].numpy()
    assert np.abs(usual - expected).max() < 0.01 * np.abs(expected).max()


def test_a_nearly_constant_noise_map_agrees_with_the_closed_form():
    wiener, image = filter_with(), data_of((16, 16))
    noise = torch.full_like(image, 0.8)
    closed = wiener(image, noise)
    noise[0, 3, 3] *= 1 + 1e-9
    torch.testing.assert_close(wiener(image, noise), closed, rtol=0, atol=1e-3)


def test_masked_values_do_not_matter():
    wiener, image = filter_with(), data_of((10, 12), 3)
    noise = torch.from_numpy(noise_map((10, 12))).repeat(3, 1, 1)
    noise[2] = np.inf  # nothing observed at all
    other = torch.where(torch.isfinite(noise), image, 1e3 * image + 7)
    first, second = wiener(image, noise), wiener(other, noise)
    assert torch.isfinite(first).all()
    torch.testing.assert_close(first, second, rtol=0, atol=1e-12)
    assert (first[2] == 0).all()
    assert (first[0][torch.isinf(noise[0])] != 0).any()  # holes are filled in from their surroundings


def test_an_image_does_not_depend_on_its_batch():
    wiener, image = filter_with(), data_of((12, 12), 4)
    noise = torch.from_numpy(noise_map((12, 12))).repeat(4, 1, 1)
    noise[1] = 0.9
    noise[2] *= 0.05
    noise[3, 4:, 4:] = np.inf
    together = wiener(image, noise)
    for index in range(4):
        alone = wiener(image[index : index + 1], noise[index : index + 1])
        torch.testing.assert_close(together[index : index + 1], alone, rtol=0, atol=1e-10)


@pytest.mark.parametrize("shape", [(32, 32), (33, 30)])
def test_the_spectrum_is_recovered(shape):
    def power(frequency):
        return 2.0 * torch.exp(-((frequency / 0.25) ** 2)) + 0.1

    white = torch.randn(2000, *shape, generator=torch.Generator().manual_seed(6))
    frequency = radial_frequency(shape)
    maps = torch.fft.irfft2(torch.fft.rfft2(white) * power(frequency).sqrt(), s=shape)
    wiener = WienerFilter()
    wiener.fit(maps)
    measured, known = wiener.signal_power(shape), power(frequency)
    assert measured[0, 0] == 0
    measured[0, 0] = known[0, 0]
    assert ((measured / known - 1).abs() < 0.12).all()
    assert ((measured / known - 1).square().mean().sqrt()) < 0.04


def test_white_maps_have_a_flat_spectrum_and_shrink_by_a_constant():
    maps = 3.0 * torch.randn(500, 24, 24, generator=torch.Generator().manual_seed(7))
    wiener = WienerFilter()
    wiener.fit(maps)
    assert ((wiener.power / 9.0 - 1).abs() < 0.08).all()
    image = maps[:1] - maps[:1].mean()
    filtered = wiener(image, torch.full_like(image, 3.0))
    torch.testing.assert_close(filtered, image / 2, rtol=0, atol=0.3)


def test_parseval_holds_for_half_spectra():
    for shape in SHAPES:
        image = data_of(shape)
        power = torch.fft.rfft2(image).abs().square() * hermitian_weight(shape)
        torch.testing.assert_close(power.sum() / (shape[0] * shape[1]), image.square().sum())


def test_maps_with_nan_are_refused():
    maps = torch.zeros(2, 8, 8)
    maps[1, 2, 3] = float("nan")
    with pytest.raises(ValueError, match="maps of the Wiener spectrum contain NaN or inf"):
        WienerFilter().fit(maps)
