"""Theory: CAMB tables against an independent code, limits, and the file."""

import numpy as np
import pytest
from ktng_cosmology import COSMOLOGY, SOURCE_REDSHIFT

from simulations.theory import Theory, compute_theory


def test_source_plane_of_ktng_is_twenty_planes_away(theory):
    assert theory.source_distance == pytest.approx(20 * 102.5, rel=3e-4)
    assert theory.redshift_at(theory.comoving_distance(0.5)) == pytest.approx(0.5, abs=1e-6)


def test_agrees_with_pyccl(theory):
    ccl = pytest.importorskip("pyccl")
    h, omega_m, omega_b = (COSMOLOGY[name] for name in ("h", "omega_m", "omega_b"))
    other = ccl.Cosmology(
        Omega_c=omega_m - omega_b,
        Omega_b=omega_b,
        h=h,
        n_s=COSMOLOGY["n_s"],
        sigma8=COSMOLOGY["sigma_8"],
        transfer_function="boltzmann_camb",
        matter_power_spectrum="halofit",
        extra_parameters={"camb": {"halofit_version": "takahashi"}},
    )
    k = np.geomspace(1e-3, 9.0, 12)
    np.testing.assert_allclose(theory.linear_power(k), ccl.linear_matter_power(other, k * h, 1.0) * h**3, rtol=0.01)
    for a in (0.6, 1.0):
        reference = ccl.nonlin_matter_power(other, k * h, a) * h**3
        np.testing.assert_allclose(theory.nonlinear_power(k, 1 / a - 1), reference, rtol=0.01)
    a = np.array([0.2, 0.5, 0.9])
    np.testing.assert_allclose(theory.growth(a), ccl.growth_factor(other, a), rtol=2e-3)
    np.testing.assert_allclose(theory.growth_rate(a), ccl.growth_rate(other, a), rtol=2e-3)
    ell = np.array([50.0, 270, 610, 1440, 2730, 6000])
    source = (np.linspace(SOURCE_REDSHIFT - 2e-5, SOURCE_REDSHIFT + 2e-5, 50), np.ones(50))
    tracer = ccl.WeakLensingTracer(other, dndz=source)
    np.testing.assert_allclose(theory.convergence_power(ell), ccl.angular_cl(other, tracer, tracer, ell), rtol=0.01)


def test_growth_rate_is_the_slope_of_growth(theory):
    a, step = np.array([0.1, 0.4, 1.0]), 1e-4
    slope = (np.log(theory.growth(a * (1 + step))) - np.log(theory.growth(a * (1 - step)))) / (2 * step)
    np.testing.assert_allclose(theory.growth_rate(a), slope, rtol=1e-5)
    assert theory.growth(1.0) == pytest.approx(1.0)


def test_power_continues_smoothly_beyond_the_table(theory):
    assert theory.linear_power(0.0) == 0.0
    for edge in theory.k[[0, -1]]:
        inside, outside = (theory.nonlinear_power(edge * factor, 0.3) for factor in (0.999, 1.001))
        assert outside == pytest.approx(inside, rel=0.01)


def test_pixelised_power_is_windowed_and_aliased(theory):
    shape, pixel = (32, 48), 2.34375
    size = np.deg2rad(pixel / 60)
    rows, columns = np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None, :]
    power = theory.pixelised_power(shape, pixel)
    window = np.sinc(rows) ** 2 * np.sinc(columns) ** 2
    plain = theory.convergence_power(2 * np.pi / size * np.hypot(rows, columns))
    assert power.shape == shape
    assert power[0, 0] == 0
    assert power[0, 1] == pytest.approx(plain[0, 1] * window[0, 1], rel=1e-3)  # large scales: no alias
    assert power[16, 24] > 1.5 * plain[16, 24] * window[16, 24]  # the corner is mostly alias
    np.testing.assert_allclose(power[1:, 1:], power[1:, 1:][::-1, ::-1], rtol=1e-9)  # real maps
    fine = theory.pixelised_power((2 * shape[0], 2 * shape[1]), pixel / 2, aliases=3)
    # Averaging 2×2 fine pixels gives the coarse ones: same alias sum, grouped otherwise.
    half = np.cos(np.pi * np.fft.fftfreq(64) / 1)[:, None] ** 2 * np.cos(np.pi * np.fft.fftfreq(96))[None, :] ** 2
    folded = (fine * half).reshape(2, 32, 2, 48).sum(axis=(0, 2))
    np.testing.assert_allclose(folded[1:, 1:], power[1:, 1:], rtol=5e-3)


def test_file_round_trip(theory, tmp_path):
    path = tmp_path / "theory.h5"
    theory.save(path)
    read = Theory.load(path)
    assert read.cosmology == COSMOLOGY
    assert read.source_redshift == SOURCE_REDSHIFT
    assert np.array_equal(read.nonlinear, theory.nonlinear)
    assert [file.name for file in tmp_path.iterdir()] == ["theory.h5"]


def test_refuses_wrong_input(theory):
    with pytest.raises(ValueError, match="exactly the keys"):
        compute_theory({**COSMOLOGY, "w": -1}, 0.5)
    with pytest.raises(ValueError, match="range of the theory table"):
        theory.comoving_distance(5.0)
