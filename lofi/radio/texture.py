"""Textures of diffuse emission: Gaussian random fields whose power falls as k^-β, seen with the beam, in noise."""

from collections.abc import Iterator

import numpy as np
from scipy import fft

from lofi.radio.beam import Beam

SLOPES = (2.5, 3.5)  # ASSUME: β of textures; of cirrus 2.9 on average (Miville-Deschênes et al. 2007, A&A 469, 595)
FAINTEST, STEP = 0.1, 10.0  # amounts of texture: half the mean square difference over a beam, units of the noise's
WHITE = 0.1  # of the noise: an error of pixels, so that nothing finer than the beam decides


def width(beam: Beam) -> float:
    """Full width at half maximum of the round beam of equal area, pixels."""
    return (beam.bmaj * beam.bmin) ** 0.5


def covariances(y: np.ndarray, x: np.ndarray, psf: np.ndarray, beam: Beam, misfit: float) -> Iterator[np.ndarray]:
    """Covariances (N, N) of pixels, in units of the noise's variance: of the noise alone, then with each texture.

    Parameters
    ----------
    y, x : rows and columns (N,) of the pixels. psf : (H, W), peak 1 at (H // 2, W // 2), the correlation of the noise.
    beam : in pixels.
    misfit : mean square of the image about a plane, units of the noise's variance; the amounts of texture end above it.
    """
    size = fft.next_fast_len(4 * int(max(np.ptp(y), np.ptp(x)) + 1), real=True)
    rows, columns = (y[:, None] - y) % size, (x[:, None] - x) % size
    noise = fft.irfft2(fft.rfft2(_periodic(psf, size)).real.clip(min=0), (size, size))
    noise = noise[rows, columns] / noise[0, 0]
    pixels = np.eye(len(y))
    yield noise + WHITE**2 * pixels
    lags = fft.fftfreq(size, 1 / size)
    seen = np.abs(fft.rfft2(beam.at(lags, lags[:, None]))) ** 2
    wavenumbers = np.hypot(lags[:, None], fft.rfftfreq(size, 1 / size))
    wavenumbers[0, 0] = np.inf
    apart = max(1, round(width(beam)))
    amounts = FAINTEST * STEP ** np.arange(2 + np.ceil(np.log(max(misfit, 1) / FAINTEST) / np.log(STEP)))
    for slope in SLOPES:
        texture = fft.irfft2(seen * wavenumbers**-slope, (size, size))
        texture /= texture[0, 0] - (texture[apart, 0] + texture[0, apart]) / 2
        texture = texture[rows, columns]
        for amount in amounts:
            yield noise + amount * texture + (WHITE**2 + 1e-9 * amount) * pixels


def _periodic(psf, size):
    """The psf by lags of a periodic grid (size, size)."""
    lags = np.zeros((size, size))
    reach = [min(side - side // 2, size // 2) - 1 for side in psf.shape]
    inner = tuple(slice(side // 2 - lag, side // 2 + lag + 1) for side, lag in zip(psf.shape, reach, strict=True))
    lags[: 2 * reach[0] + 1, : 2 * reach[1] + 1] = psf[inner]
    return np.roll(lags, [-lag for lag in reach], (0, 1))
