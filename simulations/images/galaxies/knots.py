"""Compact sources, strewn or strung together to curved strokes."""

import numpy as np
from scipy.special import erf

from simulations.images.galaxies.canvas import log_uniform


def knots(
    pixels: int, x: np.ndarray, y: np.ndarray, size: float | np.ndarray, brightness: float | np.ndarray
) -> np.ndarray:
    """The sum of round Gaussians, averaged over pixels: (n,) positions, standard deviations and peak brightnesses."""
    edges = np.linspace(-0.5, 0.5, pixels + 1)
    size = np.broadcast_to(size, np.shape(x))[:, None]

    def profile(place):
        steps = np.diff(erf((edges - place[:, None]) / (np.sqrt(2) * size)), axis=1)
        return (steps * (np.sqrt(np.pi / 2) * pixels * size)).astype(np.float32)

    return (profile(y) * np.asarray(brightness, np.float32)[:, None]).T @ profile(x)


def scattered(density: np.ndarray, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions x, y of at most `count` points, drawn where the image `density` (peak 1) is high."""
    x, y = rng.uniform(-0.5, 0.5, (2, 40 * count))
    threshold = rng.random(40 * count)
    row, column = (((place + 0.5) * len(density)).astype(int) for place in (y, x))
    chosen = np.flatnonzero(threshold < density[row, column])[:count]
    return x[chosen], y[chosen]


def with_knots(
    pixels: int, rng: np.random.Generator, image: np.ndarray, density: np.ndarray, scale: float
) -> np.ndarray:
    """`image`, peak 1, with compact sources where `density` is high.

    Brightnesses follow a power law, sizes are a few percent of `scale`; half of the times the knots are part of the
    texture: they multiply the image instead of being added to it.
    """
    count = int(log_uniform(rng, 3, 120))
    x, y = scattered(np.sqrt(density / density.max()), rng, count)
    size = scale * np.exp(rng.normal(np.log(log_uniform(rng, 0.01, 0.1)), 0.5, count))
    bright = (1 - rng.random(count)) ** -rng.uniform(0.3, 1.0)
    bright *= log_uniform(rng, 0.03, 2) / bright.max()
    multiplied, gain = rng.random() < 0.5, log_uniform(rng, 1, 20)
    sources = knots(pixels, x, y, np.clip(size, 0.0008, 0.05)[: len(x)], bright[: len(x)])
    return image * (1 + gain * sources) if multiplied else image + sources


def stroke(pixels: int, x: np.ndarray, y: np.ndarray, width: float, brightness: float | np.ndarray) -> np.ndarray:
    """A curved streak through the points x, y (n,), of standard deviation `width` and ridge `brightness` at each."""
    width = np.broadcast_to(width, x.shape)
    steps = np.hypot(np.diff(x), np.diff(y))
    place = np.concatenate([[0.0], np.cumsum(steps / np.minimum(width[1:], width[:-1]))])  # in widths
    count = int(np.clip(np.ceil(2 * place[-1]), 2, 400))
    at = np.linspace(0, place[-1], count)
    x, y, width, brightness = (np.interp(at, place, np.broadcast_to(of, x.shape)) for of in (x, y, width, brightness))
    spacing = np.hypot(np.gradient(x), np.gradient(y))
    return knots(pixels, x, y, width, brightness * spacing / (np.sqrt(2 * np.pi) * width))
