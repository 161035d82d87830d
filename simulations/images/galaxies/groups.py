"""Several galaxies in one frame: interacting pairs, and crowded fields."""

import math

import numpy as np

from simulations.images.galaxies.canvas import coordinates, log_uniform, position
from simulations.images.galaxies.discs import disc
from simulations.images.galaxies.knots import knots, stroke, with_knots
from simulations.images.galaxies.spheroids import spheroid
from simulations.images.galaxies.turbulence import fibres, turbulence


def pair(pixels: int, rng: np.random.Generator) -> np.ndarray:
    """Two or three galaxies in interaction, with curved tidal tails, a bridge and debris; peak 1."""
    scale, centre, direction = log_uniform(rng, 0.02, 0.1), position(rng), rng.uniform(0, 2 * math.pi)
    separation = scale * rng.uniform(1.5, 6)
    image, debris, places = 0.0, np.zeros((pixels, pixels), np.float32), []
    for _ in range(2 + (rng.random() < 0.2)):
        place = centre + 0.5 * separation * np.array([math.cos(direction), math.sin(direction)])
        direction += rng.uniform(2, 4)
        draw = disc if rng.random() < 0.7 else spheroid
        image = image + log_uniform(rng, 0.2, 1) * draw(pixels, rng, place, scale * rng.uniform(0.4, 1.2))
        if rng.random() < 0.8:
            debris += _tail(pixels, rng, place, scale)
        places.append(place)
    if rng.random() < 0.6:
        debris += _bridge(pixels, rng, *places[:2], scale * rng.uniform(0.2, 0.6))
    if debris.any():
        x, y = coordinates(pixels)
        warp = 0.5 * scale * turbulence(pixels, rng, 3.6, 0.3)
        debris *= np.exp(rng.uniform(0.2, 0.9) * fibres(rng, x + warp, y - warp, scale * rng.uniform(0.5, 2)))
        image = image + debris
        image = with_knots(pixels, rng, image / image.max(), debris, scale)
    return image / image.max()


def _tail(pixels, rng, place, scale):
    t = np.linspace(0, 1, 30)
    heading = rng.uniform(0, 2 * math.pi) + rng.normal(0, 2.0) * t
    step = scale * rng.uniform(3, 12) / len(t)
    x, y = place[0] + step * np.cumsum(np.cos(heading)), place[1] + step * np.cumsum(np.sin(heading))
    width = scale * rng.uniform(0.1, 0.4) * (1 + rng.uniform(0, 3) * t)
    return stroke(pixels, x, y, width, log_uniform(rng, 0.02, 0.5) * np.exp(-rng.uniform(0.5, 4) * t))


def _bridge(pixels, rng, start, end, width):
    t = np.linspace(0, 1, 20)
    bow = rng.normal(0, 0.3) * np.sin(math.pi * t)
    (x0, y0), (dx, dy) = start, end - start
    return stroke(pixels, x0 + dx * t - dy * bow, y0 + dy * t + dx * bow, width, log_uniform(rng, 0.02, 0.4))


def crowd(pixels: int, rng: np.random.Generator) -> np.ndarray:
    """A field of a few galaxies and many small or unresolved sources, nearly empty between them; peak 1."""
    image = 0.0
    for _ in range(rng.integers(1, 6)):
        draw = disc if rng.random() < 0.6 else spheroid
        place, scale = rng.uniform(-0.5, 0.5, 2), log_uniform(rng, 0.004, 0.08)
        image = image + log_uniform(rng, 0.03, 1) * draw(pixels, rng, place, scale)
    count = int(log_uniform(rng, 3, 80))
    x, y = rng.uniform(-0.5, 0.5, (2, count))
    largest = log_uniform(rng, 0.003, 0.03)
    size = 0.0015 * (largest / 0.0015) ** rng.random(count)
    bright = (1 - rng.random(count)) ** -rng.uniform(0.3, 1.5)
    image = image + log_uniform(rng, 0.05, 2) * knots(pixels, x, y, size, bright / bright.max())
    return image / image.max()
