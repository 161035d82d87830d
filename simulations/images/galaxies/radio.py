"""Radio sources: double lobes with hot spots, bent jets and plumes, relics, haloes with compact sources."""

import numpy as np

from simulations.images.galaxies.canvas import (
    coordinates,
    knots,
    log_uniform,
    stroke,
    turbulence,
    turned,
)
from simulations.images.galaxies.nebulae import filaments


def _core(pixels, rng, centre):
    size = max(log_uniform(rng, 0.0015, 0.008), 0.0)
    return log_uniform(rng, 0.003, 1.0) * knots(pixels, centre[:1], centre[1:], np.array([size]), [1.0])


def double_lobes(pixels, rng):
    """An FR II source, such as Cygnus A: two edge-brightened lobes with hot spots, a core, thin jets."""
    x, y = coordinates(pixels)
    centre, axis = rng.normal(0, 0.06, 2), rng.uniform(0, 2 * np.pi)
    reach = log_uniform(rng, 0.08, 0.5)
    wobble = [turbulence(pixels, rng, 3.6, 0.7 * reach) for _ in range(2)]
    texture = turbulence(pixels, rng, rng.uniform(2.6, 3.6), rng.uniform(0.2, 0.8) * reach)
    streaks = filaments(pixels, rng, 0.6 * reach)
    image = _core(pixels, rng, centre)
    warp = np.float32(reach * rng.uniform(0.0, 0.12))
    lobes = 0.0
    for side in (-1, 1):
        heading = axis + (0 if side > 0 else np.pi) + rng.normal(0, 0.12)
        length = reach * rng.uniform(0.75, 1.0)
        along, across = turned(x + warp * wobble[0], y + warp * wobble[1], centre, heading)
        s = along / np.float32(length)  # 0 at the core, 1 at the hot spot
        width = np.float32(length * rng.uniform(0.1, 0.35))
        profile = np.sqrt(np.clip(1 - s, 0, None) * np.clip(s + np.float32(rng.uniform(-0.3, 0.3)), 0, None)) * 2
        edge = np.float32(log_uniform(rng, 1.0, 6.0))
        inside = np.maximum(1 - (across / (width * profile + np.float32(1e-6))) ** 2, 0) * (profile > 0)
        fading = np.exp((s - 1) * np.float32(rng.uniform(0, 5)))
        lobes = lobes + log_uniform(rng, 0.4, 1) * inside ** (1 / edge) * fading
        end = centre + length * np.array([np.cos(heading), np.sin(heading)])
        spots = rng.integers(1, 4)
        back = np.abs(rng.normal(0, 0.06, spots)) * length
        sideways = rng.normal(0, 0.06, spots) * length
        image += knots(
            pixels,
            end[0] - back * np.cos(heading) - sideways * np.sin(heading),
            end[1] - back * np.sin(heading) + sideways * np.cos(heading),
            length * np.exp(rng.uniform(np.log(0.008), np.log(0.06), spots)),
            np.exp(rng.uniform(np.log(0.05), 0, spots)),
        )
        if rng.random() < 0.5:
            t = np.linspace(0, 0.95, 24)
            px, py = (centre[i] + t * (end[i] - centre[i]) for i in (0, 1))
            beads = np.exp(rng.normal(0, 0.8, 24))
            image += stroke(pixels, px, py, length * rng.uniform(0.008, 0.03), log_uniform(rng, 0.005, 0.2) * beads)
    lobes = (
        lobes * np.exp(np.float32(rng.uniform(0.1, 0.8)) * texture) * (0.3 + streaks) ** np.float32(rng.uniform(0, 1.5))
    )
    image = image + np.float32(log_uniform(rng, 0.01, 1.0)) * lobes
    return image / image.max()


def plumes(pixels, rng):
    """An FR I source: two bright jets that bend, widen and fade into turbulent plumes; head-tails when both bend alike."""
    centre, axis = rng.normal(0, 0.1, 2), rng.uniform(0, 2 * np.pi)
    reach = log_uniform(rng, 0.12, 0.8)
    bend = rng.normal(0, 0.9)
    head_tail = rng.random() < 0.35
    image = 0.0
    t = np.linspace(0, 1, 48)
    for side in (0, 1):
        curve = bend * (2.0 if head_tail else 1.0) * (1 if not head_tail or side else -1)
        wiggle = rng.uniform(0, 0.5) * np.sin(2 * np.pi * (rng.uniform(0.5, 3) * t + rng.random())) * t
        heading = axis + np.pi * side + curve * t + wiggle
        step = reach * rng.uniform(0.7, 1.0) / 48
        px, py = centre[0] + step * np.cumsum(np.cos(heading)), centre[1] + step * np.cumsum(np.sin(heading))
        width = reach * (rng.uniform(0.006, 0.03) + rng.uniform(0.02, 0.22) * t ** rng.uniform(0.8, 2))
        flare = np.exp(-(((t - rng.uniform(0.05, 0.3)) / rng.uniform(0.04, 0.2)) ** 2) / 2)
        brightness = (flare + log_uniform(rng, 0.01, 0.3)) * np.exp(-rng.uniform(0, 5) * t)
        image = image + log_uniform(rng, 0.3, 1) * stroke(pixels, px, py, width, brightness)
    eddies = turbulence(pixels, rng, rng.uniform(2.5, 3.4), rng.uniform(0.1, 0.4) * reach)
    image = image * np.exp(np.float32(rng.uniform(0.2, 1.0)) * eddies)
    image = image * (0.3 + filaments(pixels, rng, 0.5 * reach)) ** np.float32(rng.uniform(0, 1.2))
    image = image / image.max() + _core(pixels, rng, centre)
    return image / image.max()


def relic(pixels, rng, centre, radius):
    """An arc with a sharp outer edge and a soft inner side, threaded by filaments."""
    x, y = coordinates(pixels)
    along, across = turned(x, y, centre, rng.uniform(0, 2 * np.pi))
    r = np.hypot(along, across) / np.float32(radius)
    r = r * (1 + np.float32(rng.uniform(0, 0.06)) * turbulence(pixels, rng, 3.2, 0.5 * radius))
    phi = np.arctan2(across, along)
    depth = np.clip(1 - r, 0, None) / np.float32(rng.uniform(0.08, 0.3))
    arc = np.where(r < 1, np.exp(-depth), 0) * np.exp(-((phi / np.float32(rng.uniform(0.25, 0.9))) ** 2))
    return arc * (0.1 + filaments(pixels, rng, 0.4 * radius)) ** np.float32(rng.uniform(0.3, 1.5))


def cluster(pixels, rng):
    """A cluster of galaxies: a diffuse halo, relics, and compact sources strewn along a line or all over."""
    centre, radius = rng.normal(0, 0.08, 2), log_uniform(rng, 0.08, 0.35)
    x, y = coordinates(pixels)
    image = np.zeros_like(x)
    if rng.random() < 0.7:
        along, across = turned(x, y, centre, rng.uniform(0, np.pi), rng.uniform(0.3, 1))
        halo = np.exp(-((np.hypot(along, across) / np.float32(radius)) ** np.float32(rng.uniform(1, 2.2))))
        halo = halo * np.exp(np.float32(rng.uniform(0, 0.8)) * turbulence(pixels, rng, 3.2, 0.6 * radius))
        image = image + np.float32(log_uniform(rng, 3e-4, 0.3)) * halo
    for _ in range(rng.integers(0, 3)):
        image = image + np.float32(log_uniform(rng, 0.003, 0.5)) * relic(
            pixels, rng, centre, radius * rng.uniform(1, 2)
        )
    count = int(log_uniform(rng, 3, 60))
    line = rng.random() < 0.4
    t, spread = rng.uniform(-1, 1, count) * radius * 1.5, rng.normal(0, radius * (0.15 if line else 0.9), count)
    angle = rng.uniform(0, np.pi)
    px, py = (
        centre[0] + t * np.cos(angle) - spread * np.sin(angle),
        centre[1] + t * np.sin(angle) + spread * np.cos(angle),
    )
    size = np.exp(rng.normal(np.log(log_uniform(rng, 0.003, 0.02)), 0.4, count))
    bright = (1 - rng.random(count)) ** -rng.uniform(0.3, 1.2)
    image = image + knots(pixels, px, py, np.maximum(size, 0.0015), bright / bright.max())
    return image / image.max()
