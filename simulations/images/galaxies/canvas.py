"""What all simulated galaxies are drawn with: coordinates, turbulence, knots and curved strokes.

Lengths are in units of the side of the frame, whose centre is (0, 0). No function draws more or fewer random numbers
for more pixels, so that the same stream gives the same scene at any number of pixels, with finer detail.
"""

from functools import lru_cache

import numpy as np
import scipy.fft
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.special import erf

REFERENCE = 64  # turbulence has unit variance in the modes that this many pixels resolve


@lru_cache(maxsize=8)
def coordinates(pixels):
    """x and y (pixels, pixels) of the pixel centres, from −½ to ½, float32, read-only."""
    axis = ((np.arange(pixels) + 0.5) / pixels - 0.5).astype(np.float32)
    y, x = np.meshgrid(axis, axis, indexing="ij")
    x.flags.writeable = y.flags.writeable = False
    return x, y


def turned(x, y, centre, angle, axis_ratio=1.0):
    """Coordinates about `centre` along the major axis at `angle` (radians from x to y), and across it, stretched."""
    dx, dy = x - np.float32(centre[0]), y - np.float32(centre[1])
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return cos * dx + sin * dy, (cos * dy - sin * dx) * np.float32(1 / axis_ratio)


@lru_cache(maxsize=8)
def _squared_wavenumbers(pixels):
    k = np.fft.fftfreq(pixels, 1 / pixels).astype(np.float32)
    squared = k[:, None] ** 2 + np.fft.rfftfreq(pixels, 1 / pixels).astype(np.float32) ** 2
    squared.flags.writeable = False
    return squared


def _white_modes(pixels, rng):
    """Complex white noise in `rfft2` order, its low modes the same at any number of pixels."""
    seed = rng.integers(2**63)
    size = max(REFERENCE, 1 << (pixels - 1).bit_length())
    modes = np.empty((size, size // 2 + 1), np.complex64)
    while True:
        block = np.random.default_rng([seed, size]).standard_normal((size, size // 2 + 1, 2), dtype=np.float32)
        half = size // 2
        low = block.view(np.complex64)[..., 0]
        modes[:half, : half + 1], modes[len(modes) - half :, : half + 1] = low[:half], low[half:]
        if size == 8:
            break
        size = half
    half = pixels // 2
    rows = np.r_[0 : pixels - half, len(modes) - half : len(modes)]
    return modes[rows, : half + 1]


def turbulence(pixels, rng, slope, largest=1.0):
    """A periodic Gaussian random field with the power spectrum `(k² + 1/largest²)^(−slope/2)`, float32.

    `slope` 2 is rough down to the pixels, 4 is smooth; the field has mean 0 and about unit variance.
    """
    floor = np.float32(1 / largest**2)

    def amplitude(size):
        gain = (_squared_wavenumbers(size) + floor) ** np.float32(-slope / 4)
        gain[0, 0] = 0.0
        return gain

    reference = amplitude(REFERENCE)
    variance = 4 * np.sum(reference**2, dtype=np.float64)  # 2 per mode, and the conjugate half
    gain = amplitude(pixels) * np.float32(pixels**2 / np.sqrt(variance))
    return scipy.fft.irfft2(_white_modes(pixels, rng) * gain, s=(pixels, pixels), workers=1)


def sampled(field, u, v):
    """Bilinear samples of a periodic square `field` at u (columns) and v (rows), period 1."""
    size = len(field)
    return map_coordinates(field, [v * size, u * size], order=1, mode="grid-wrap")


def knots(pixels, x, y, size, brightness):
    """The sum of round Gaussians, averaged over pixels: (n,) positions, standard deviations and peak brightnesses."""
    edges = np.linspace(-0.5, 0.5, pixels + 1)
    size = np.broadcast_to(size, np.shape(x))

    def profile(position):
        steps = np.diff(erf((edges - position[:, None]) / (np.sqrt(2) * size[:, None])), axis=1)
        return (steps * (np.sqrt(np.pi / 2) * pixels * size[:, None])).astype(np.float32)

    return (profile(y) * np.asarray(brightness, np.float32)[:, None]).T @ profile(x)


def scattered(density, rng, count, spread=0.5):
    """Positions x, y of at most `count` points, drawn where the image `density` (peak 1) is high."""
    x, y, threshold = rng.uniform(-spread, spread, (2, 40 * count)).tolist() + [rng.random(40 * count)]
    x, y = np.asarray(x), np.asarray(y)
    pixels = len(density)
    column, row = (np.clip(((c + 0.5) * pixels).astype(int), 0, pixels - 1) for c in (x, y))
    chosen = np.flatnonzero(threshold < density[row, column])[:count]
    return x[chosen], y[chosen]


def stroke(pixels, x, y, width, brightness):
    """A curved streak through the points x, y (n,), of standard deviation `width` and ridge `brightness` at each.

    The points are filled in so that neighbours lie closer than half a width.
    """
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    width = np.broadcast_to(width, x.shape)
    count = int(np.clip(np.ceil(2 * np.sum(np.diff(length) / np.minimum(width[1:], width[:-1]))), 2, 400))
    # dense where the streak is narrow
    place = np.concatenate([[0.0], np.cumsum(np.diff(length) / np.minimum(width[1:], width[:-1]))])
    at = np.linspace(0, place[-1], count)
    s, w = np.interp(at, place, length), np.interp(at, place, width)
    spacing = np.gradient(s)
    bright = np.interp(at, place, np.broadcast_to(brightness, x.shape)) * spacing / (np.sqrt(2 * np.pi) * w)
    return knots(pixels, np.interp(s, length, x), np.interp(s, length, y), w, bright)


def smoothed(image, sigma):
    """The image convolved with a round Gaussian beam of standard deviation `sigma`, reflected at the borders."""
    return gaussian_filter(image, sigma * len(image), mode="nearest", truncate=4.0)


def log_uniform(rng, low, high):
    """One number, uniform in its logarithm."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
