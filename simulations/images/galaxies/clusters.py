"""Clusters of galaxies as radio telescopes see them: halo, relics, compact sources."""

import math

import numpy as np

from simulations.images.galaxies.canvas import coordinates, log_uniform, position, turned
from simulations.images.galaxies.knots import knots
from simulations.images.galaxies.turbulence import filaments, turbulence


def cluster(pixels: int, rng: np.random.Generator) -> np.ndarray:
    """A diffuse halo, up to two relics, and compact sources strewn along a line or all over; peak 1."""
    centre, radius = position(rng, 0.08), log_uniform(rng, 0.08, 0.35)
    image = np.zeros((pixels, pixels), np.float32)
    if rng.random() < 0.7:
        along, across = turned(*coordinates(pixels), centre, rng.uniform(0, math.pi), rng.uniform(0.3, 1))
        halo = np.exp(-((np.hypot(along, across) / radius) ** rng.uniform(1, 2.2)))
        halo = halo * np.exp(rng.uniform(0, 0.8) * turbulence(pixels, rng, rng.uniform(3.4, 4.4), radius))
        image += log_uniform(rng, 1e-3, 1) * halo
    for _ in range(rng.integers(0, 3)):
        image += log_uniform(rng, 0.01, 1) * relic(pixels, rng, centre, radius * rng.uniform(1, 2))
    count = int(log_uniform(rng, 3, 60))
    spread = 0.15 if rng.random() < 0.4 else 0.9
    s, t, angle = radius * rng.normal(0, spread, count), radius * rng.uniform(-1.5, 1.5, count), rng.uniform(0, math.pi)
    x, y = centre[0] + t * math.cos(angle) - s * math.sin(angle), centre[1] + t * math.sin(angle) + s * math.cos(angle)
    size = np.exp(rng.normal(math.log(log_uniform(rng, 0.003, 0.025)), 0.4, count))
    bright = (1 - rng.random(count)) ** -rng.uniform(0.3, 1.2)
    image += knots(pixels, x, y, np.maximum(size, 0.0015), bright / bright.max())
    return image / image.max()


def relic(pixels: int, rng: np.random.Generator, centre: tuple[float, float], radius: float) -> np.ndarray:
    """An arc with a sharp outer edge and a soft inner side, threaded by filaments."""
    along, across = turned(*coordinates(pixels), centre, rng.uniform(0, 2 * math.pi))
    r = np.hypot(along, across) / radius
    r = r * (1 + rng.uniform(0, 0.06) * turbulence(pixels, rng, 3.6, 0.5 * radius))
    depth, extent = log_uniform(rng, 0.02, 0.2), rng.uniform(0.2, 0.7)
    arc = np.exp(np.minimum(r - 1, 0) / depth) * (r < 1) * np.exp(-((np.arctan2(across, along) / extent) ** 2))
    return arc * (1 + log_uniform(rng, 0.5, 20) * filaments(pixels, rng, *coordinates(pixels), 0.4 * radius))
