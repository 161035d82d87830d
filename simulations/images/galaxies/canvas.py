"""What simulated galaxies are drawn on: coordinates of the frame, whatever its number of pixels.

Lengths are in units of the side of the frame, whose centre is (0, 0). Nothing draws more or fewer random numbers for
more pixels, so that the same stream gives the same scene at any number of pixels, with finer detail.
"""

import math
from functools import lru_cache

import numpy as np
from scipy.ndimage import gaussian_filter


@lru_cache(maxsize=8)
def coordinates(pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """x and y (pixels, pixels) of the pixel centres, from −½ to ½, float32, read-only."""
    axis = ((np.arange(pixels) + 0.5) / pixels - 0.5).astype(np.float32)
    y, x = np.meshgrid(axis, axis, indexing="ij")
    x.flags.writeable = y.flags.writeable = False
    return x, y


def turned(
    x: np.ndarray, y: np.ndarray, centre: tuple[float, float], angle: float, axis_ratio: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates about `centre` along the direction `angle` (radians, from x to y) and across it, stretched."""
    dx, dy = x - float(centre[0]), y - float(centre[1])
    cos, sin = math.cos(angle), math.sin(angle)
    return cos * dx + sin * dy, (cos * dy - sin * dx) / float(axis_ratio)


def smoothed(image: np.ndarray, sigma: float) -> np.ndarray:
    """The image convolved with a round Gaussian beam of standard deviation `sigma`."""
    return gaussian_filter(image, sigma * len(image), mode="nearest")


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """One number, uniform in its logarithm."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def position(rng: np.random.Generator, reach: float = 0.12) -> np.ndarray:
    """A centre (x, y) near that of the frame, and inside it."""
    return np.clip(rng.normal(0, reach, 2), -0.45, 0.45)
