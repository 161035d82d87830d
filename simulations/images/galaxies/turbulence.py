"""Random fields that give simulated galaxies their texture: turbulence, filaments and fibres."""

from functools import lru_cache

import numpy as np
import scipy.fft
from scipy.ndimage import map_coordinates

from simulations.images.galaxies.canvas import coordinates, turned

REFERENCE = 64  # pixels that resolve the modes in which turbulence has unit variance
TEXTURE = 256  # pixels of fields that are sampled in other coordinates than those of the frame


@lru_cache(maxsize=8)
def _squared_wavenumbers(pixels):
    rows, columns = np.fft.fftfreq(pixels, 1 / pixels), np.fft.rfftfreq(pixels, 1 / pixels)
    squared = (rows[:, None] ** 2 + columns**2).astype(np.float32)
    squared.flags.writeable = False
    return squared


def _white_modes(pixels, rng, highest):
    """Complex white noise in `rfft2` order, its low modes the same at any number of pixels; 0 above `highest`."""
    seed = rng.integers(2**63)
    size = max(REFERENCE, 1 << (pixels - 1).bit_length())
    modes = np.zeros((size, size // 2 + 1), np.complex64)
    size = min(size, 1 << (int(2 * highest) - 1).bit_length())
    while size >= 8:
        half = size // 2
        noise = np.random.default_rng([seed, size]).standard_normal((size, half + 1, 2), dtype=np.float32)
        noise = noise.view(np.complex64)[..., 0]
        modes[:half, : half + 1], modes[len(modes) - half :, : half + 1] = noise[:half], noise[half:]
        size = half
    half = pixels // 2
    return modes[np.r_[0 : pixels - half, len(modes) - half : len(modes)], : half + 1]


def turbulence(pixels: int, rng: np.random.Generator, slope: float, largest: float = 1.0) -> np.ndarray:
    """A periodic Gaussian random field with the power spectrum `(k² + 1/largest²)^(−slope/2)`, float32.

    Mean 0, variance about 1. `slope` 2 is rough down to the pixels, 4 is smooth, 6 has one scale only.
    """

    def amplitude(size):
        gain = (_squared_wavenumbers(size) + np.float32(1 / largest**2)) ** np.float32(-slope / 4)
        gain[0, 0] = 0.0
        return gain

    variance = 4 * np.sum(amplitude(REFERENCE) ** 2, dtype=np.float64)  # 2 of a mode, and as much of its conjugate
    gain = amplitude(pixels) * np.float32(pixels**2 / np.sqrt(variance))
    highest = 8 / largest if slope > 5 else np.inf  # there is next to no power above
    return scipy.fft.irfft2(_white_modes(pixels, rng, min(highest, pixels)) * gain, s=(pixels, pixels), workers=1)


def sampled(field: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Bilinear samples of a periodic square `field` at u (columns) and v (rows), of period 1."""
    size = len(field)
    return map_coordinates(field, [v * size, u * size], order=1, mode="grid-wrap")


def swirled(pixels: int, rng: np.random.Generator, largest: float, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates x, y of the frame displaced by two random incompressible flows, one after the other.

    What is drawn in them is stretched and folded as by a turbulent gas. `largest`: scale of the eddies; `strength`:
    displacement in units of it.
    """
    x, y = coordinates(pixels)
    for _ in range(2):
        stream_function = turbulence(TEXTURE, rng, 6, largest) * np.float32(strength * largest**2 * TEXTURE / 2)
        down, right = (np.roll(stream_function, -1, axis) - np.roll(stream_function, 1, axis) for axis in (0, 1))
        x, y = x + sampled(down, x, y), y - sampled(right, x, y)
    return x, y


def filaments(pixels: int, rng: np.random.Generator, x: np.ndarray, y: np.ndarray, largest: float) -> np.ndarray:
    """Thin ridges on several scales in the coordinates x, y, in [0, 1], bright here and faint there.

    A ridge follows the zeros of a smooth random field f; its profile `1/(1 + (f / w|∇f|)²)` has the width w everywhere.
    """
    image = 0.0
    for level in range(rng.integers(2, 5)):
        scale = largest * 0.6**level
        field = sampled(turbulence(TEXTURE, rng, 6, scale), x, y)
        down, across = np.gradient(field)
        width = pixels * scale * np.exp(rng.uniform(np.log(0.01), np.log(0.08)))
        ridge = 1 / (1 + field**2 / (np.float32(width**2) * (down**2 + across**2) + np.float32(1e-9)))
        brightness = turbulence(pixels, rng, 6, 2 * scale)
        image = image + ridge * np.exp(1.2 * brightness - level * rng.uniform(0, 0.5))
    return image / image.max()


def fibres(rng: np.random.Generator, x: np.ndarray, y: np.ndarray, length: float) -> np.ndarray:
    """Turbulence drawn out along one direction of the coordinates x, y, about unit variance; `length` of the fibres.

    Warped coordinates make the fibres swirl, polar ones make them radial or circular.
    """
    field = turbulence(TEXTURE, rng, rng.uniform(2.6, 3.6), 0.25)
    u, v = turned(x, y, (0, 0), rng.uniform(0, np.pi), 1 / rng.uniform(2, 7))
    return sampled(field, u * (0.25 / length), v * (0.25 / length))
