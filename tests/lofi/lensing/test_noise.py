"""Shape noise: Price's formula, whiteness, masked pixels."""

import numpy as np
import pytest

from lofi.data.noise import complex_noise
from lofi.lensing.kaiser_squires import kaiser_squires
from lofi.lensing.shape_noise import ellipticity_dispersion_per_component, shear_noise_std
from lofi.seeds import stream


def test_noise_of_the_paper():
    sigma_e = ellipticity_dispersion_per_component(0.37, "per_component")
    assert shear_noise_std(300 / 128, 30.0, sigma_e) == pytest.approx(0.02882, abs=1e-5)
    assert ellipticity_dispersion_per_component(0.37, "total") == pytest.approx(0.37 / np.sqrt(2))


def test_density_may_be_a_map():
    assert shear_noise_std(2.0, np.array([1.0, 4.0]), 0.4) == pytest.approx([0.2, 0.1])


def test_unknown_kind_of_dispersion():
    with pytest.raises(ValueError, match="expected 'per_component' or 'total'"):
        ellipticity_dispersion_per_component(0.37, "both")


def test_sigma_is_recovered_equal_and_independent_in_both_components():
    noise = complex_noise(0.03, stream("noise", "sigma"), (400, 400))
    error = 0.03 / np.sqrt(2 * noise.size)
    assert abs(noise.real.std() - 0.03) < 4 * error
    assert abs(noise.imag.std() - 0.03) < 4 * error
    assert abs(np.corrcoef(noise.real.ravel(), noise.imag.ravel())[0, 1]) < 4 / np.sqrt(noise.size)


def test_noise_is_white_before_and_after_kaiser_squires():
    noise = complex_noise(1.0, stream("noise", "white"), (256, 256))
    for field in (noise, kaiser_squires(noise)):
        power = np.abs(np.fft.fft2(field)) ** 2 / (2 * field.size)
        k = np.hypot(*np.meshgrid(np.fft.fftfreq(256), np.fft.fftfreq(256)))
        for low in (0.05, 0.15, 0.3, 0.45):
            ring = power[(k >= low) & (k < low + 0.05)]
            assert abs(ring.mean() - 1) < 4 / np.sqrt(ring.size)
        assert field.real.std() == pytest.approx(1.0, abs=0.02)
        assert field.imag.std() == pytest.approx(1.0, abs=0.02)


def test_masked_pixels_have_no_noise():
    noise_std = np.full((8, 8), 0.1)
    noise_std[:, :3] = np.inf
    noise = complex_noise(noise_std, stream("noise", "mask"))
    assert (noise[:, :3] == 0).all()
    assert (noise[:, 3:] != 0).all()


def test_the_same_stream_gives_the_same_noise():
    first, second = (complex_noise(0.1, stream("noise", "again"), (4, 4)) for _ in range(2))
    assert (first == second).all()
