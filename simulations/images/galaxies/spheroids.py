"""Elliptical and lenticular galaxies: Sérsic profiles."""

import math

import numpy as np

from simulations.images.galaxies.canvas import coordinates, log_uniform, position, turned


def sersic(
    pixels: int,
    centre: tuple[float, float],
    radius: float,
    index: float,
    axis_ratio: float = 1.0,
    angle: float = 0.0,
    boxiness: float = 2.0,
) -> np.ndarray:
    """A Sérsic profile, 1 at its half-light `radius`; isophotes of `boxiness` 2 are ellipses, of more boxes."""
    along, across = turned(*coordinates(pixels), centre, angle, axis_ratio)
    core = 0.3 / pixels  # the cusp, averaged over a pixel
    if boxiness == 2.0:
        r = np.sqrt(along**2 + across**2 + core**2)
    else:
        r = (np.abs(along) ** boxiness + np.abs(across) ** boxiness + core**boxiness) ** (1 / boxiness)
    b = 2 * index - 1 / 3 + 0.009876 / index  # Prugniel & Simien 1997, eq. A3a
    return np.exp(-b * ((r / radius) ** (1 / index) - 1))


def spheroid(
    pixels: int, rng: np.random.Generator, centre: tuple[float, float] | None = None, radius: float | None = None
) -> np.ndarray:
    """One to three nested Sérsic components, sometimes boxy, sometimes with the shells that a merger leaves; peak 1."""
    centre = position(rng) if centre is None else centre
    radius = log_uniform(rng, 0.01, 0.2) if radius is None else radius
    angle, axis_ratio = rng.uniform(0, math.pi), rng.uniform(0.25, 1.0)
    image = 0.0
    for part in range(rng.integers(1, 4)):
        index = log_uniform(rng, 0.5, 5.0)
        flattening = min(max(axis_ratio * rng.uniform(0.8, 1.25), 0.15), 1.0)
        boxiness = 2.0 if rng.random() < 0.6 else rng.uniform(1.6, 3.0)
        profile = sersic(pixels, centre, radius * 2.5**part, index, flattening, angle + rng.normal(0, 0.2), boxiness)
        image = image + 4.0**-part * profile
    if rng.random() < 0.15:
        along, across = turned(*coordinates(pixels), centre, angle, axis_ratio)
        phase = np.log1p(np.hypot(along, across) / radius) * rng.uniform(1.5, 4) + 0.3 * np.tanh(4 * along / radius)
        image = image * (1 + rng.uniform(0.1, 0.6) * (phase % 1) ** 2)
    return image / image.max()
