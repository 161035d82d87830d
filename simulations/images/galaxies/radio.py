"""Radio galaxies: double lobes with hot spots, and bent jets that widen to plumes."""

import math

import numpy as np

from simulations.images.galaxies.canvas import log_uniform, position, turned
from simulations.images.galaxies.knots import knots, stroke
from simulations.images.galaxies.turbulence import fibres, filaments, swirled, turbulence


def _core(pixels, rng, centre):
    size, brightness = log_uniform(rng, 0.0015, 0.008), log_uniform(rng, 0.003, 1)
    return knots(pixels, centre[:1], centre[1:], size, [brightness])


def double_lobes(pixels: int, rng: np.random.Generator) -> np.ndarray:
    """An FR II source, such as Cygnus A: two edge-brightened lobes with hot spots, a core, thin jets; peak 1."""
    centre, axis, reach = position(rng, 0.06), rng.uniform(0, 2 * math.pi), log_uniform(rng, 0.1, 0.55)
    x, y = swirled(pixels, rng, reach, rng.uniform(0, 0.012))
    lobes, compact = 0.0, _core(pixels, rng, centre)
    width, rim = rng.uniform(0.15, 0.45), log_uniform(rng, 1, 6)
    fading, overlap = rng.uniform(0, 5), rng.uniform(-0.2, 0.3)
    for side in (0, 1):
        heading, length = axis + math.pi * side + rng.normal(0, 0.12), reach * rng.uniform(0.75, 1)
        along, across = (c / length for c in turned(x, y, centre, heading))  # 0 at the core, 1 at the hot spot
        half_width = width * 2 * np.sqrt(np.clip(1.03 - along, 0, None) * np.clip(along + overlap, 0, None))
        depth = np.clip(1 - (across / np.maximum(half_width, np.float32(1e-4))) ** 2, 0, None) * (half_width > 0)
        lobes = lobes + log_uniform(rng, 0.4, 1) * depth ** (1 / rim) * np.exp((along - 1) * fading)
        compact = compact + _hot_spots(pixels, rng, centre, heading, length)
        if rng.random() < 0.5:
            t = np.linspace(0, 0.95, 24)
            px, py = centre[0] + t * length * math.cos(heading), centre[1] + t * length * math.sin(heading)
            brightness = log_uniform(rng, 0.005, 0.2) * np.exp(rng.normal(0, 0.8, 24))
            compact = compact + stroke(pixels, px, py, length * rng.uniform(0.008, 0.03), brightness)
    texture = turbulence(pixels, rng, rng.uniform(3, 4), rng.uniform(0.3, 1) * reach)
    texture = rng.uniform(0.1, 0.8) * texture + rng.uniform(0, 0.7) * fibres(rng, x, y, rng.uniform(0.2, 0.8) * reach)
    lobes = lobes * np.exp(texture) * (1 + log_uniform(rng, 0.1, 10) * filaments(pixels, rng, x, y, 0.5 * reach))
    image = compact + log_uniform(rng, 0.02, 2) * lobes / max(lobes.max(), np.float32(1e-6))
    return image / image.max()


def _hot_spots(pixels, rng, centre, heading, length):
    """One to three bright spots near the end of a lobe."""
    count = int(rng.integers(1, 4))
    along, across = length * (1 - np.abs(rng.normal(0, 0.06, count))), length * rng.normal(0, 0.06, count)
    x = centre[0] + along * math.cos(heading) - across * math.sin(heading)
    y = centre[1] + along * math.sin(heading) + across * math.cos(heading)
    size = length * np.exp(rng.uniform(math.log(0.01), math.log(0.08), count))
    return knots(pixels, x, y, size, np.exp(rng.uniform(math.log(0.05), 0, count)))


def plumes(pixels: int, rng: np.random.Generator) -> np.ndarray:
    """An FR I source: two jets that flare, bend and widen to turbulent plumes, or are swept to one side; peak 1."""
    centre, axis, reach = position(rng, 0.1), rng.uniform(0, 2 * math.pi), log_uniform(rng, 0.12, 0.9)
    swept, bend = rng.random() < 0.35, rng.normal(0, 0.9)
    t, image = np.linspace(0, 1, 48), 0.0
    for side in (0, 1):
        curve = bend * (2 * (-1) ** side if swept else 1)  # head-tail, or S-shaped
        wiggle = rng.uniform(0, 0.5) * t * np.sin(2 * math.pi * (rng.uniform(0.5, 3) * t + rng.random()))
        heading = axis + math.pi * side + curve * t + wiggle
        step = reach * rng.uniform(0.7, 1) / len(t)
        x, y = centre[0] + step * np.cumsum(np.cos(heading)), centre[1] + step * np.cumsum(np.sin(heading))
        width = reach * (rng.uniform(0.006, 0.03) + rng.uniform(0.02, 0.22) * t ** rng.uniform(0.8, 2))
        flare = np.exp(-(((t - rng.uniform(0.05, 0.3)) / rng.uniform(0.04, 0.2)) ** 2) / 2)
        brightness = (flare + log_uniform(rng, 0.02, 0.5)) * np.exp(-rng.uniform(0, 4) * t)
        image = image + log_uniform(rng, 0.3, 1) * stroke(pixels, x, y, width, brightness)
    x, y = swirled(pixels, rng, 0.4 * reach, rng.uniform(0, 0.03))
    eddies = rng.uniform(0, 0.8) * turbulence(pixels, rng, rng.uniform(2.8, 3.8), rng.uniform(0.1, 0.6) * reach)
    eddies = eddies + rng.uniform(0, 0.8) * fibres(rng, x, y, rng.uniform(0.1, 0.6) * reach)
    image = image * np.exp(eddies) * (1 + log_uniform(rng, 0.1, 5) * filaments(pixels, rng, x, y, 0.4 * reach))
    image = image / image.max() + _core(pixels, rng, centre)
    return image / image.max()
