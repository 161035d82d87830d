"""Random fields that give simulated galaxies their texture: turbulence, filaments and fibres."""

from functools import lru_cache

import numpy as np
import scipy.fft
from scipy.ndimage import map_coordinates

from simulations.images.galaxies.canvas import turned

REFERENCE = 64  # pixels that resolve the modes in which turbulence has unit variance
TEXTURE = 256  # pixels of fields that are sampled in other coordinates than those of the frame


@lru_cache(maxsize=8)
def _squared_wavenumbers(pixels):
    rows, columns = np.fft.fftfreq(pixels, 1 / pixels), np.fft.rfftfreq(pixels, 1 / pixels)
    squared = (rows[:, None] ** 2 + columns**2).astype(np.float32)
    squared.flags.writeable = False
    return squared


def _white_modes(pixels, rng):
    """Complex white noise in `rfft2` order, its low modes the same at any number of pixels."""
    seed = rng.integers(2**63)
    size = max(REFERENCE, 1 << (pixels - 1).bit_length())
    modes = np.empty((size, size // 2 + 1), np.complex64)
    while size >= 8:
        half = size // 2
        noise = np.random.default_rng([seed, size]).standard_normal((size, half + 1, 2), dtype=np.float32)
        noise = noise.view(np.complex64)[..., 0]
        modes[:half, : half + 1], modes[len(modes) - half :, : half + 1] = noise[:half], noise[half:]
        size = half
    half = pixels // 2
    return modes[np.r_[0 : pixels - half, len(modes) - half : len(modes)], : half + 1]


def turbulence(pixels, rng, slope, largest=1.0):
    """A periodic Gaussian random field with the power spectrum `(k² + 1/largest²)^(−slope/2)`, float32.

    `slope` 2 is rough down to the pixels, 4 is smooth; the field has mean 0 and about unit variance.
    """

    def amplitude(size):
        gain = (_squared_wavenumbers(size) + np.float32(1 / largest**2)) ** np.float32(-slope / 4)
        gain[0, 0] = 0.0
        return gain

    variance = 4 * np.sum(amplitude(REFERENCE) ** 2, dtype=np.float64)  # 2 of a mode, and as much of its conjugate
    gain = amplitude(pixels) * np.float32(pixels**2 / np.sqrt(variance))
    return scipy.fft.irfft2(_white_modes(pixels, rng) * gain, s=(pixels, pixels), workers=1)


def sampled(field, u, v):
    """Bilinear samples of a periodic square `field` at u (columns) and v (rows), of period 1."""
    size = len(field)
    return map_coordinates(field, [v * size, u * size], order=1, mode="grid-wrap")


def filaments(pixels, rng, largest):
    """Ridges where smooth random fields change their sign, on three scales, in (0, 1]."""
    image = 0.0
    for level in range(3):
        field = turbulence(pixels, rng, rng.uniform(3.2, 4.0), largest / 2**level)
        width = np.exp(rng.uniform(np.log(0.05), np.log(0.4)))
        image = image + np.float32(0.6**level) / (1 + np.abs(field) / np.float32(width))
    return image / image.max()


def fibres(rng, x, y, length):
    """Turbulence drawn out along one direction of the coordinates x, y, about unit variance; `length` of the fibres.

    Warped coordinates make the fibres swirl, polar ones make them radial or circular.
    """
    field = turbulence(TEXTURE, rng, rng.uniform(2.6, 3.6), 0.25)
    u, v = turned(x, y, (0, 0), rng.uniform(0, np.pi), 1 / rng.uniform(2, 7))
    return sampled(field, u * (0.25 / length), v * (0.25 / length))
