"""Observations: channels, masks, depth, cut-out shear."""

import numpy as np
import pytest

from lofi.data.depth import Depth
from lofi.data.lensing import LensingObservation, lensing_observation
from lofi.data.observation import augmented
from lofi.lensing.kaiser_squires import shear_from_convergence
from lofi.seeds import seed, stream


def smooth(shape, rng, scale=0.012):
    k = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None])
    field = np.fft.ifft2(np.fft.fft2(rng.standard_normal(shape)) / (k + 0.02)).real
    return scale * (field - field.mean()) / field.std()


@pytest.mark.parametrize("size", [64, 65])
def test_kaiser_squires_is_truth_plus_white_noise(size):
    rng = np.random.default_rng(1)
    kappa = smooth((size, size), rng)
    observed, truth = LensingObservation(noise_std=0.03).observe(kappa, rng)
    assert truth[0] == pytest.approx(kappa - kappa.mean(), abs=1e-7)
    assert (observed[0] - truth[0]).std() == pytest.approx(0.03, rel=0.05)
    assert observed[1].std() == pytest.approx(0.03, rel=0.05)
    assert (observed[2] == np.float32(0.03)).all()
    assert abs(np.corrcoef(observed[1].ravel(), truth.ravel())[0, 1]) < 0.05


def test_the_mean_is_removed_unless_kept():
    kappa = smooth((32, 32), np.random.default_rng(2)) + 0.5
    _, removed = LensingObservation(noise_std=0.01).observe(kappa, stream("a"))
    observed, kept = LensingObservation(noise_std=0.01, mean="keep").observe(kappa, stream("a"))
    assert removed.mean() == pytest.approx(0, abs=1e-7)
    assert kept.mean() == pytest.approx(0.5)
    assert observed[0].mean() == pytest.approx(0.5, abs=0.01)
    with pytest.raises(ValueError, match="remove or keep"):
        LensingObservation(noise_std=0.01, mean="half")


def test_cutout_shear_knows_the_mass_outside():
    rng = np.random.default_rng(3)
    wide = smooth((128, 128), rng)
    observe = LensingObservation(noise_std=1e-6, margin=32)
    observed, truth = observe.observe(wide, rng)
    inner = (slice(16, -16), slice(16, -16))
    assert truth.shape == (1, 64, 64)
    error = (observed[0] - truth[0])[inner]
    assert (error - error.mean()).std() < 0.5 * truth[0][inner].std()
    periodic = shear_from_convergence(wide[32:-32, 32:-32])
    real = shear_from_convergence(wide)[32:-32, 32:-32]
    assert np.abs(periodic - real).std() > 0.05 * np.abs(real).std()  # the two differ: the option does something


def test_masked_pixels_are_marked_and_finite():
    depth = Depth(relative_noise=(0.5, 2.0), nominal_fraction=0.0, gradient=0.3, holes=(5, 5), footprint_fraction=1.0)
    rng = np.random.default_rng(4)
    observed, truth = LensingObservation(noise_std=0.03, depth=depth).observe(smooth((64, 64), rng), rng)
    masked = np.isinf(observed[2])
    assert 0.05 < masked.mean() < 0.98
    assert np.isfinite(observed[:2]).all()
    assert np.isfinite(truth).all()
    assert (observed[2][~masked] > 0).all()


def test_depth_is_drawn_within_its_ranges():
    depth = Depth(relative_noise=(0.4, 2.0), nominal_fraction=0.5)
    levels = [depth.noise_map(0.03, (8, 8), stream("depth", i))[0, 0] / 0.03 for i in range(200)]
    nominal = np.isclose(levels, 1.0)
    assert 0.35 < nominal.mean() < 0.65
    assert 0.4 <= min(levels) < 0.5
    assert 1.7 < max(levels) <= 2.0
    with pytest.raises(ValueError, match="relative_noise"):
        Depth(relative_noise=(0.0, 1.0))
    with pytest.raises(ValueError, match="fraction from 0 to 1"):
        Depth(nominal_fraction=2.0)


def test_the_configuration_gives_the_paper_noise():
    options = {"galaxy_density": 30.0, "ellipticity_dispersion": {"value": 0.37, "of": "per_component"}}
    assert lensing_observation(options, {"extent_arcmin": 300, "pixels": 128}).noise_std == pytest.approx(
        0.02882, abs=1e-5
    )
    options["ellipticity_dispersion"] = {"value": 0.37, "of": "total"}
    assert lensing_observation(options, {"extent_arcmin": 300, "pixels": 128}).noise_std == pytest.approx(
        0.02038, abs=1e-5
    )


def test_augmentation_keeps_the_map_and_reaches_all_orientations():
    kappa = smooth((16, 16), np.random.default_rng(5))
    drawn = [augmented(kappa, stream("augment", i), periodic=True) for i in range(300)]
    for image in drawn:
        assert np.sort(image, axis=None) == pytest.approx(np.sort(kappa, axis=None))
    unshifted = {
        np.roll(d, np.subtract((0, 0), np.unravel_index(d.argmax(), d.shape)), (0, 1)).tobytes() for d in drawn
    }
    assert len(unshifted) == 8


def test_streams_are_reproducible_and_independent():
    assert seed("mass", "test", 1) == seed("mass", "test", 1)
    assert len({seed("mass", "test", i) for i in range(1000)}) == 1000
    assert stream("a", 1).random() != stream("a", 2).random()
    with pytest.raises(ValueError, match="name"):
        seed()
