"""Shear catalogues with and without systematics, for null tests: lensed galaxies of a square field with holes."""

import numpy as np

from lofi.lensing.catalogue import ShearCatalogue
from lofi.lensing.kaiser_squires import shear_from_convergence
from lofi.lensing.null_tests.cosmic_shear import spectrum
from lofi.lensing.null_tests.suite import null_tests
from lofi.lensing.tangent_plane import meridian_angle, tangent_wcs

PIXEL = 2.0  # arcmin, of the sky that is simulated
SIGMA_E = 0.28  # per component
PSF = 0.05


def gaussian_shear(rng, side, amplitude=1.0, b_mode=False):
    """Shear (side, side) cut out of a Gaussian field of 26° or more, so that large scales are not missing."""
    pixels, radians = max(8 * side, 768), np.radians(PIXEL / 60)
    ell = np.hypot(*np.meshgrid(*2 * [2 * np.pi * np.fft.fftfreq(pixels) / radians]))
    ell[0, 0] = np.inf
    power = np.where(ell < np.inf, spectrum(np.where(ell < np.inf, ell, 1.0)), 0.0)
    kappa = np.fft.ifft2(np.fft.fft2(rng.standard_normal((pixels, pixels))) * np.sqrt(amplitude * power) / radians).real
    shear = shear_from_convergence(kappa)[:side, :side]
    return 1j * shear if b_mode else shear


def smooth_pattern(rng, x, y, rms, modes=8):
    """A complex field (n,) of few waves, about a degree long, as of a PSF."""
    field = np.zeros(len(x), complex)
    for _ in range(modes):
        k, phase = rng.normal(size=2) * 2 * np.pi / (60 / PIXEL), rng.uniform(0, 2 * np.pi)
        field += np.exp(1j * rng.uniform(0, 2 * np.pi)) * np.cos(k[0] * x + k[1] * y + phase)
    return field * rms * np.sqrt(2) / np.sqrt(np.mean(np.abs(field) ** 2))


def mock_survey(
    rng, side=60, density=4.0, *, shear=1.0, b_mode=0.0, leakage=0.0, of_size=0.0, offset=0.0, psf=PSF, holes=5
):
    """A catalogue of `side`² pixels of 2′ with `density` galaxies per square arcmin.

    shear, b_mode : power of the E and of a B mode, in units of cosmic shear's. leakage : slope of shear against the
    PSF's ellipticity. of_size : slope of its first component against the PSF's relative size. offset : additive bias.
    psf : rms of its ellipticity per component.
    """
    count = int(density * (side * PIXEL) ** 2)
    x, y = rng.uniform(0, side, (2, count))
    keep = np.ones(count, bool)
    for _ in range(holes):
        a, b = rng.uniform(0, side, 2)
        keep &= np.hypot(x - a, y - b) > rng.uniform(1, 4)
    x, y = x[keep], y[keep]
    gamma = np.zeros(len(x), complex)
    for amplitude, b in ((shear, False), (b_mode, True)):
        if amplitude:
            gamma += gaussian_shear(rng, side, amplitude, b)[y.astype(int), x.astype(int)]
    pattern, size = smooth_pattern(rng, x, y, psf), 1 + smooth_pattern(rng, x, y, 0.1).real
    ellipticity = gamma + SIGMA_E * (rng.standard_normal(len(x)) + 1j * rng.standard_normal(len(x)))
    ellipticity += leakage * pattern + of_size * (size - 1) + offset
    wcs = tangent_wcs((40.0, -30.0), PIXEL, (side, side))
    ra, dec = wcs.all_pix2world(x - 0.5, y - 0.5, 0)
    turn = np.exp(-2j * meridian_angle(wcs, ra, dec))
    own = (ellipticity - offset) * turn + offset
    weight = rng.uniform(0.5, 1.5, len(x))
    return ShearCatalogue(ra, dec, own.real, own.imag, weight, psf=pattern * turn, psf_size=size)


def clean_p_values(count, rotations=200, side=30, density=4.0, pixel_arcmin=2.0):
    """p-values (count,) of each null test, by its name, of clean catalogues."""
    found = []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        tests, _, _ = null_tests(mock_survey(rng, side, density), pixel_arcmin, rng, rotations)
        found.append({test.name: test.p_value for test in tests})
    return {name: np.array([tests[name] for tests in found]) for name in found[0]}
