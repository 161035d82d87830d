"""Star-forming complexes: fractal diffuse emission, filaments, shells and many knots."""

import numpy as np

from simulations.images.galaxies.canvas import coordinates, log_uniform, turbulence, turned
from simulations.images.galaxies.stars import with_knots


def filaments(pixels, rng, largest):
    """Ridges where smooth random fields change their sign, on three scales, float32 in (0, 1]."""
    image = 0.0
    for level in range(3):
        field = turbulence(pixels, rng, rng.uniform(3.0, 3.8), largest / 2**level)
        width = np.float32(log_uniform(rng, 0.03, 0.3))
        image = image + np.float32(0.6**level) * width / (width + np.abs(field))
    return image / image.max()


def shell(pixels, rng, centre, radius, wobble):
    """A limb-brightened bubble: the projection of a thick spherical shell with a ragged radius."""
    x, y = coordinates(pixels)
    along, across = turned(x, y, centre, rng.uniform(0, np.pi), rng.uniform(0.5, 1.0))
    r = np.hypot(along, across) / np.float32(radius) * (1 + np.float32(rng.uniform(0.03, 0.25)) * wobble)
    inner = np.float32(rng.uniform(0.6, 0.97))
    column = np.sqrt(np.maximum(1 - r**2, 0)) - np.sqrt(np.maximum(inner**2 - r**2, 0))
    lopsided = 1 + rng.uniform(0, 0.9) * np.cos(np.arctan2(across, along) - np.float32(rng.uniform(0, 6)))
    return column * lopsided


def complex_of_clouds(pixels, rng):
    """An HII complex such as that of M31 or 30 Doradus: clouds, ridges, bubbles and knots within an envelope."""
    x, y = coordinates(pixels)
    centre, radius = rng.normal(0, 0.12, 2), log_uniform(rng, 0.03, 0.6)
    warp = np.float32(rng.uniform(0.1, 0.6) * radius)
    slow = [turbulence(pixels, rng, 3.5, min(1.0, 2 * radius)) for _ in range(2)]
    along, across = turned(x + warp * slow[0], y + warp * slow[1], centre, rng.uniform(0, np.pi), rng.uniform(0.3, 1))
    steepness = rng.uniform(0.7, 2.5)
    envelope = np.exp(-((np.hypot(along, across) / np.float32(radius)) ** np.float32(steepness)))
    depth = rng.uniform(0.5, 2.2)
    clouds = np.exp(np.float32(depth) * turbulence(pixels, rng, rng.uniform(2.3, 3.4), rng.uniform(0.3, 1.5) * radius))
    image = envelope * clouds
    ridged = rng.uniform(0, 1.5)
    image = image * (0.05 + filaments(pixels, rng, max(radius, 0.1))) ** np.float32(ridged)
    image /= image.max()
    for _ in range(rng.integers(0, 5)):
        place = centre + radius * rng.normal(0, 0.6, 2)
        bubble = shell(pixels, rng, place, radius * log_uniform(rng, 0.1, 0.9), slow[rng.integers(2)])
        brightness = np.float32(log_uniform(rng, 0.03, 0.7))
        image = image + brightness * bubble * np.minimum(clouds, 3.0) * (0.2 + envelope)
    image = image / image.max()
    if rng.random() < 0.8:
        image = with_knots(pixels, rng, image, image, max(radius, 0.05) * 0.6)
    background = log_uniform(rng, 1e-4, 3e-2) * (rng.random() < 0.3)
    if background:
        veil = np.exp(turbulence(pixels, rng, 3.2, 0.5)) * filaments(pixels, rng, 0.4)
        image = image / image.max() + np.float32(background) * veil
    return image / image.max()
