"""The planar shear operator: exact inverse, pure modes, signs and axes."""

import numpy as np
import pytest

from lofi.lensing.kaiser_squires import kaiser_squires, shear_from_convergence
from lofi.seeds import stream

SHAPES = [(16, 16), (15, 15), (16, 12), (15, 22), (9, 14)]


@pytest.mark.parametrize("shape", SHAPES)
def test_kaiser_squires_inverts_the_operator_up_to_the_mean(shape):
    kappa = stream("lensing", "inverse").standard_normal((2, *shape))
    restored = kaiser_squires(shear_from_convergence(kappa))
    assert restored.real == pytest.approx(kappa - kappa.mean(axis=(1, 2), keepdims=True), abs=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_pure_e_gives_no_b(shape):
    kappa = stream("lensing", "pure").standard_normal(shape)
    assert np.abs(kaiser_squires(shear_from_convergence(kappa)).imag).max() < 1e-12
    assert np.abs(kaiser_squires(shear_from_convergence(1j * kappa)).real).max() < 1e-12


@pytest.mark.parametrize("shape", SHAPES)
def test_modulus_of_the_multiplier_is_one(shape):
    impulse = np.zeros(shape)
    impulse[0, 0] = 1.0
    modulus = np.abs(np.fft.fft2(shear_from_convergence(impulse)))
    assert modulus[0, 0] == pytest.approx(0.0, abs=1e-12)
    assert np.delete(modulus.ravel(), 0) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_kaiser_squires_is_the_adjoint(shape):
    rng = stream("lensing", "adjoint")
    kappa, gamma = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape) for _ in range(2))
    left = np.vdot(gamma, shear_from_convergence(kappa))
    right = np.vdot(kaiser_squires(gamma), kappa)
    assert left == pytest.approx(right, abs=1e-11)


def test_shear_is_tangential_around_a_mass():
    size, centre, r = 65, 32, 10
    y, x = np.mgrid[:size, :size] - centre
    gamma = shear_from_convergence(np.exp(-(x**2 + y**2) / (2 * 2.0**2)))
    assert gamma[centre, centre + r].real < 0 < gamma[centre + r, centre].real  # +x, +y
    assert gamma[centre + r, centre + r].imag < 0 < gamma[centre - r, centre + r].imag  # x = y, x = -y
    assert gamma[centre, centre + r].imag == pytest.approx(0.0, abs=1e-12)


def test_an_asymmetric_mass_keeps_its_place_and_orientation():
    y, x = np.mgrid[:64, :64]
    kappa = np.exp(-((x - 40 - 0.5 * (y - 20)) ** 2) / 8 - (y - 20) ** 2 / 50) + 0.5 * np.exp(
        -((x - 12) ** 2 + y**2) / 6
    )
    gamma = shear_from_convergence(kappa)
    kappa = kappa - kappa.mean()
    assert kaiser_squires(gamma).real == pytest.approx(kappa, abs=1e-12)
    for wrong in (gamma.conj(), -gamma.conj(), -gamma, gamma.T):
        assert np.corrcoef(kaiser_squires(wrong).real.ravel(), kappa.ravel())[0, 1] < 0.5


def test_padding_keeps_the_shape_and_the_inside():
    y, x = np.mgrid[:96, :96] - 48
    gamma = shear_from_convergence(np.exp(-(x**2 + y**2) / 18.0))[16:-16, 20:-20]
    padded = kaiser_squires(gamma, padding=32)
    assert padded.shape == gamma.shape
    assert padded[32, 28].real == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_masked_pixels_must_not_be_nan(bad):
    gamma = np.zeros((8, 8), complex)
    gamma[2, 3] = bad
    with pytest.raises(ValueError, match="set masked pixels to 0"):
        kaiser_squires(gamma)
