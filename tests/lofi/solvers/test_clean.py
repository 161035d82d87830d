"""Högbom's CLEAN: what it finds, what it leaves."""

import numpy as np
import pytest
import torch
from direct_interferometer import measurement

from lofi.solvers.clean import hogbom
from lofi.solvers.convolution import Convolution

SHAPE = (24, 21)


def dirty_image(sources, sigma=0.0):
    """Dirty image of `{(row, column): Jy}`, its PSF and theoretical noise."""
    data = measurement(SHAPE, visibilities=300, sigma=sigma, batch=1)
    sky = np.zeros(SHAPE)
    for place, flux in sources.items():
        sky[place] = flux
    noise = data.dirty[0] - (data.normal @ data.sky[0].ravel()).reshape(SHAPE)
    return (data.normal @ sky.ravel()).reshape(SHAPE) + noise, data.psf, float(data.noise[0])


@pytest.mark.parametrize("place", [(12, 10), (0, 0), (23, 20), (3, 17)])
def test_a_point_source_is_recovered(place):
    dirty, psf, _ = dirty_image({place: 2.0})
    components, residual, iterations = hogbom(dirty, psf, noise=1e-3)
    assert components[place] == pytest.approx(2.0, rel=0.01)
    components[place] = 0
    assert np.abs(components).max() == 0
    assert np.abs(residual).max() <= 3e-3
    assert iterations == np.ceil(np.log(3e-3 / 2.0) / np.log(1 - 0.1))  # what is left falls by the gain each time


def test_negative_sources_are_found_too():
    dirty, psf, _ = dirty_image({(5, 5): 1.0, (17, 14): -0.5})
    components, _, _ = hogbom(dirty, psf, noise=1e-3)
    assert components[5, 5] == pytest.approx(1.0, rel=0.02)
    assert components[17, 14] == pytest.approx(-0.5, rel=0.02)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-4), (np.float64, 1e-12)])
def test_components_and_residual_make_up_the_dirty_image(dtype, tolerance):
    dirty, psf, noise = dirty_image({(5, 5): 3.0, (6, 7): 1.0, (20, 2): 2.0}, sigma=0.5)
    components, residual, _ = hogbom(dirty.astype(dtype), psf, noise, threshold=1.0, max_iterations=3000)
    assert components.dtype == residual.dtype == dtype
    model = Convolution(psf, torch.float64)(torch.as_tensor(components, dtype=torch.float64)).numpy()
    assert model + residual == pytest.approx(dirty, abs=tolerance)


def test_it_stops_at_the_threshold_and_at_the_limit():
    dirty, psf, noise = dirty_image({(5, 5): 3.0, (20, 2): 2.0}, sigma=0.5)
    _, residual, iterations = hogbom(dirty, psf, noise, threshold=4.0)
    assert np.abs(residual).max() <= 4.0 * noise
    _, before, count = hogbom(dirty, psf, noise, threshold=4.0, max_iterations=iterations - 1)
    assert count == iterations - 1
    assert np.abs(before).max() > 4.0 * noise


def test_noise_alone_has_no_components():
    dirty, psf, noise = dirty_image({}, sigma=1.0)
    components, residual, iterations = hogbom(dirty, psf, noise, threshold=6.0)
    assert iterations == 0
    assert not components.any()
    assert np.array_equal(residual, dirty)


def test_unfit_input_is_refused():
    dirty, psf, noise = dirty_image({(5, 5): 1.0})
    with pytest.raises(ValueError, match="expected \\(H, W\\)"):
        hogbom(dirty, psf[2:], noise)
    with pytest.raises(ValueError, match="NaN"):
        hogbom(dirty * np.nan, psf, noise)
    with pytest.raises(ValueError, match="gain is 0"):
        hogbom(dirty, psf, noise, gain=0)
