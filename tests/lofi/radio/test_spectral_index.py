"""Images of a band: an operator for a spectral index in each pixel, and the index that visibilities tell."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from lofi.io.checkpoint import load_denoiser
from lofi.radio.coverage import radians_per_pixel, synthesis
from lofi.radio.measurement import Part, measure
from lofi.radio.operator import VisibilityOperator
from lofi.radio.reconstruction import reconstruct, schedule_of
from lofi.radio.spectral_index import SpectralIndex, spectrum_of
from lofi.radio.tilted import Tilted, tilted
from lofi.seeds import stream

FREQUENCIES = np.linspace(0.9e9, 1.67e9, 8)
REFERENCE = float(FREQUENCIES.mean())
SHAPE, CELL, SIGMA = (48, 48), 2.2, 0.05


@pytest.fixture(scope="module")
def seen(meerkat):
    return synthesis(meerkat, -30.7, (-0.5, 0.5), 1800.0, FREQUENCIES)


@pytest.fixture(scope="module")
def sky():
    """Jy/pixel at the reference frequency, and the spectral index."""
    y, x = np.mgrid[:48, :48]
    blobs = ((20, 14, 3.0), (30, 31, 4.0), (12, 33, 2.5))
    image = sum(np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * width**2)) for a, b, width in blobs)
    image[image < 1e-3] = 0
    alpha = gaussian_filter(stream("band", "alpha").standard_normal(SHAPE), 10)
    return image, -0.7 + 0.5 * alpha / alpha.std()


def parts(seen, values, frequency):
    x, y = radians_per_pixel(seen, CELL)
    operator = VisibilityOperator(x, y, SHAPE)
    return [Part(operator, operator, values[None], np.full(len(x), SIGMA), frequency)]


@pytest.fixture(scope="module")
def observed(seen, sky):
    """Noisy visibilities, each channel by a transform of its own; a measurement of them."""
    (image, alpha), frequency = sky, np.repeat(FREQUENCIES, len(seen.u) // len(FREQUENCIES))
    x, y = radians_per_pixel(seen, CELL)
    values = np.empty(len(x), complex)
    for hertz in FREQUENCIES:
        chosen = frequency == hertz
        values[chosen] = VisibilityOperator(x[chosen], y[chosen], SHAPE).forward(image * (hertz / REFERENCE) ** alpha)
    rng = stream("band", "noise")
    noise = SIGMA * (rng.standard_normal(len(x)) + 1j * rng.standard_normal(len(x)))
    return values, measure(parts(seen, values + noise, frequency), SHAPE)


def test_one_operator_is_that_of_all_channels(seen, sky, observed):
    (image, alpha), (values, measurement) = sky, observed
    (part,) = measurement.parts
    operator = Tilted(part.exact, np.log(part.frequency / REFERENCE), alpha)
    assert np.abs(operator.forward(image) - values).max() < 2e-3 * np.abs(values).max()
    visibilities = values * np.exp(1j)
    inner = (visibilities.conj() * operator.forward(image)).sum().real
    assert (image * operator.adjoint(visibilities)).sum() == pytest.approx(inner, rel=1e-8)
    east, north = 5.0, -3.0
    point = np.zeros(SHAPE)
    point[24 - 3, 24 + 5] = 1.0
    np.testing.assert_allclose(operator.point(east, north)[0], operator.forward(point), atol=2e-3)


def test_the_index_is_found_with_its_error(sky, observed):
    (image, alpha), (_, measurement) = sky, observed
    spectrum = SpectralIndex(measurement, REFERENCE, beam=4.0)
    for _ in range(6):
        spectrum.update(image)
    _, chi2 = tilted(measurement, REFERENCE, spectrum.alpha).residual(image)
    assert chi2[0] == pytest.approx(1.0, abs=0.03)
    bent = tilted(measurement, REFERENCE, spectrum.alpha)
    (residual,), _ = bent.residual(0 * image, measurement.natural)
    assert residual[0] == pytest.approx(measurement.dirty[0], abs=1e-9)  # in Jy/beam of the PSF
    _, flat = measurement.residual(image)
    assert flat[0] > 3
    error = spectrum.error(image, seed=1)
    bright = image > 0.1
    scaled = (spectrum.alpha - alpha)[bright] / error[bright]
    assert 0.3 < np.sqrt(np.mean(scaled**2)) < 1.2  # this index is smoother than the prior's
    assert np.abs(spectrum.alpha - alpha)[image > 0.5].max() < 0.1
    far = ~(gaussian_filter(image, 4) > 1e-4)
    assert np.median(error[far]) > 2 * np.median(error[bright])


def test_a_reconstruction_finds_image_and_index(sky, observed, denoiser_folder):
    """The prior is trained for a few steps only; χ² is what it must not spoil."""
    (image, alpha), (_, measurement) = sky, observed
    denoiser, _ = load_denoiser(denoiser_folder)
    spectrum = SpectralIndex(measurement, REFERENCE, beam=4.0)
    options = {"schedule": schedule_of(12), "seed": 1}
    found = reconstruct(measurement, denoiser, spectrum=spectrum, **options)
    plain = reconstruct(measurement, denoiser, **options)
    chi2, flat = (float(result.measurement.residual(result.images.numpy())[1][0]) for result in (found, plain))
    assert chi2 < 0.7 * flat
    assert found.trace[-1]["spectral_index"] == pytest.approx(np.average(alpha, weights=image), abs=0.15)


class Band:
    frequency = 1.28e9

    def __init__(self, width):
        self.lowest, self.highest = self.frequency - width / 2, self.frequency + width / 2


def test_wide_bands_have_an_index_unless_told_otherwise(observed):
    _, measurement = observed
    assert spectrum_of("auto", Band(0.05e9), measurement, 4.0) is None
    assert spectrum_of("flat", Band(0.5e9), measurement, 4.0) is None
    for choice, width in (("auto", 0.5e9), ("index", 0.05e9)):
        assert spectrum_of(choice, Band(width), measurement, 4.0).reference_hz == 1.28e9
    with pytest.raises(ValueError, match="needs several frequencies"):
        spectrum_of("index", Band(0.0), measurement, 4.0)
