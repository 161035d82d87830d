"""Star-forming complexes: fractal diffuse emission, filaments, shells and many knots."""

import math

import numpy as np

from simulations.images.galaxies.canvas import coordinates, log_uniform, position, turned
from simulations.images.galaxies.knots import stroke, with_knots
from simulations.images.galaxies.turbulence import TEXTURE, fibres, filaments, sampled, swirled, turbulence


def complex_of_clouds(pixels: int, rng: np.random.Generator) -> np.ndarray:
    """An HII complex such as that of M31 or 30 Doradus; peak 1.

    Clouds (lognormal turbulence), filaments and fibres fill an envelope, bright arcs and bubbles, brighter in some
    parts than in others; a turbulent flow has stretched and folded them. Knots are strewn where it is bright.
    """
    centre, radius = position(rng), log_uniform(rng, 0.05, 0.5)
    x, y = swirled(pixels, rng, min(1.0, radius * rng.uniform(0.5, 2)), rng.uniform(0, 0.05))
    along, across = turned(x, y, centre, rng.uniform(0, math.pi), rng.uniform(0.3, 1))
    r = np.hypot(along, across) / radius
    shape = log_uniform(rng, 0.1, 1) * np.exp(-(r ** rng.uniform(0.7, 4)))
    for _ in range(rng.integers(0, 5)):
        shape = shape + log_uniform(rng, 0.1, 2) * _arc(pixels, rng, centre, radius)
    for _ in range(rng.integers(0, 4)):
        place = centre + radius * rng.normal(0, 0.5, 2)
        shape = shape + log_uniform(rng, 0.05, 1) * bubble(rng, x, y, place, radius * log_uniform(rng, 0.1, 0.8))
    shape = shape * np.exp(rng.uniform(0.3, 1.5) * turbulence(pixels, rng, 4.0, radius))

    clouds = turbulence(TEXTURE, rng, rng.uniform(2.8, 4.2), log_uniform(rng, 0.2, 1.0) * radius)
    clouds = rng.uniform(0.2, 1.3) * sampled(clouds, x, y)
    threads = log_uniform(rng, 0.1, 30) * filaments(pixels, rng, x, y, radius * rng.uniform(0.4, 1.2))
    if rng.random() < 0.3:  # fibres around and away from the centre
        x, y = np.arctan2(across, along) * radius, np.log(r + np.float32(0.05)) * radius
    clouds = clouds + rng.uniform(0, 0.9) * fibres(rng, x, y, radius * log_uniform(rng, 0.3, 1.5))
    image = shape * np.exp(clouds) * (1 + threads)
    image = image / image.max()
    if rng.random() < 0.6:
        image = with_knots(pixels, rng, image, image, min(radius, 0.12))
    if rng.random() < 0.35:  # a veil over the whole frame
        veil = np.exp(rng.uniform(0.3, 1.2) * turbulence(pixels, rng, rng.uniform(3.5, 4.2), 0.5))
        veil = veil * (1 + 5 * filaments(pixels, rng, *coordinates(pixels), 0.4))
        image = image / image.max() + log_uniform(rng, 1e-3, 5e-2) * veil
    return image / image.max()


def bubble(
    rng: np.random.Generator, x: np.ndarray, y: np.ndarray, centre: tuple[float, float], radius: float
) -> np.ndarray:
    """A limb-brightened bubble: the projection of a thick spherical shell, brighter on one side; peak about 1."""
    along, across = turned(x, y, centre, rng.uniform(0, math.pi), rng.uniform(0.5, 1.0))
    squared = (along**2 + across**2) / radius**2
    inner = rng.uniform(0.6, 0.97)
    column = np.sqrt(np.maximum(1 - squared, 0)) - np.sqrt(np.maximum(inner**2 - squared, 0))
    lopsided = 1 + rng.uniform(0, 0.9) * np.cos(np.arctan2(across, along) - rng.uniform(0, 6))
    return column * lopsided / math.sqrt(1 - inner**2)


def _arc(pixels, rng, centre, radius):
    """A curved ridge near `centre`, of varying width and brightness."""
    t = np.linspace(0, 1, 30)
    heading = rng.uniform(0, 2 * math.pi) + rng.normal(0, 2.5) * t + np.cumsum(rng.normal(0, 0.15, 30))
    step = radius * rng.uniform(0.4, 2.5) / len(t)
    x, y = step * np.cumsum(np.cos(heading)), step * np.cumsum(np.sin(heading))
    place = centre + radius * rng.normal(0, 0.4, 2)
    width = radius * log_uniform(rng, 0.015, 0.15) * np.exp(np.cumsum(rng.normal(0, 0.1, 30)))
    brightness = np.sin(math.pi * t) * np.exp(np.cumsum(rng.normal(0, 0.2, 30)))
    ridge = stroke(pixels, place[0] + x - x.mean(), place[1] + y - y.mean(), width, brightness)
    return ridge / max(ridge.max(), np.float32(1e-6))
