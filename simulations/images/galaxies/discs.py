"""Disc galaxies: spiral arms, rings, bars, bulges, dust and star-forming knots."""

import math

import numpy as np
from scipy.special import expit

from simulations.images.galaxies.canvas import coordinates, log_uniform, position, turned
from simulations.images.galaxies.knots import with_knots
from simulations.images.galaxies.spheroids import sersic
from simulations.images.galaxies.turbulence import TEXTURE, sampled, turbulence


def disc(
    pixels: int, rng: np.random.Generator, centre: tuple[float, float] | None = None, scale: float | None = None
) -> np.ndarray:
    """An exponential disc of the given `scale` length, seen at a random inclination; peak 1.

    Arms are logarithmic spirals; the texture is turbulence in the coordinates unwound along them, so that it is drawn
    out along the arms.
    """
    centre = position(rng) if centre is None else centre
    scale = log_uniform(rng, 0.015, 0.2) if scale is None else scale
    angle, thickness = rng.uniform(0, math.pi), rng.uniform(0.06, 0.2)
    axis_ratio = math.hypot(rng.random(), thickness)  # cosine of the inclination, and the edge-on disc
    along, across = (c / scale for c in turned(*coordinates(pixels), centre, angle, axis_ratio))
    r = np.sqrt(along**2 + across**2) + np.float32(1e-3)
    winding = rng.choice((-1, 1)) / math.tan(math.radians(rng.uniform(8, 35)))
    log_r = np.log(r)
    unwound = np.arctan2(across, along) - np.float32(winding) * log_r
    texture = turbulence(TEXTURE, rng, rng.uniform(2.6, 3.8), log_uniform(rng, 0.05, 0.4))
    texture = sampled(texture, unwound / np.float32(2 * np.pi), log_r / np.float32(2 * np.pi))

    phase = int(rng.choice([0, 1, 2, 2, 2, 3, 4, 5])) * unwound + rng.uniform(0, 0.9) * texture + rng.uniform(0, 6)
    arms = np.exp(log_uniform(rng, 0.5, 8) * (np.cos(phase) - 1))  # no arms: constant
    arms = arms * r**2 / (r**2 + rng.uniform(0.05, 1.0))
    young = arms * np.exp(rng.uniform(0.1, 1.3) * texture)
    smooth = np.exp(-r) + log_uniform(rng, 1e-5, 1e-2) * np.exp(-r / rng.uniform(1.5, 3))
    image = smooth * (1 + rng.uniform(0.3, 6) * young)
    if rng.random() < 0.25:
        image = image + _ring(rng, r) * (0.3 + young)
    if rng.random() < 0.5:  # truncated
        image = image * expit((rng.uniform(2, 5) - r) * log_uniform(rng, 1.5, 10))
    if rng.random() < 0.6:
        optical_depth = rng.uniform(0.3, 3)
        lanes = np.exp(4 * (np.cos(phase + rng.uniform(-0.9, 0.9)) - 1) - r / 3) * np.clip(1 - texture, 0, 3)
        if axis_ratio < 0.35:  # a lane in front of a disc seen from the side
            height = (across * axis_ratio - rng.normal(0, 0.05)) / (0.6 * thickness)
            lanes = lanes + np.exp(-(height**2) / 2 - np.abs(along) / 4) * np.clip(1 + 0.5 * texture, 0, 3)
        image = image * np.exp(-optical_depth * lanes)
    if rng.random() < 0.35:
        image = image + rng.uniform(0.3, 3) * _bar(rng, along, across)
    if rng.random() < 0.8:
        size, roundness = scale * rng.uniform(0.1, 0.6), math.hypot(axis_ratio, 0.5) / 1.12
        bulge = sersic(pixels, centre, size, rng.uniform(0.8, 4), roundness, angle)
        image = image + log_uniform(rng, 0.02, 2) * bulge
    if rng.random() < 0.6:
        image = with_knots(pixels, rng, image / image.max(), young * smooth, scale)
    return image / image.max()


def _ring(rng, r):
    radius, width = rng.uniform(0.8, 3.0), rng.uniform(0.08, 0.5)
    return rng.uniform(0.2, 3) * np.exp(-(((r - radius) / width) ** 2) / 2 - radius)


def _bar(rng, along, across):
    a, b = turned(along, across, (0, 0), rng.uniform(0, math.pi), rng.uniform(0.2, 0.5))
    return np.exp(-(((a**2 + b**2) / rng.uniform(0.3, 1.2) ** 2) ** 2))
