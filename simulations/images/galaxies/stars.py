"""Galaxies of stars: Sérsic profiles, discs with arms, bars and dust, interacting pairs, and crowded fields."""

import numpy as np
from scipy.special import expit

from simulations.images.galaxies.canvas import (
    coordinates,
    knots,
    log_uniform,
    sampled,
    scattered,
    stroke,
    turbulence,
    turned,
)

TEXTURE = 256  # pixels of textures in the coordinates of a disc


def sersic(pixels, centre, radius, index, axis_ratio=1.0, angle=0.0, boxiness=2.0):
    """A Sérsic profile, 1 at its half-light `radius` [frame]; `boxiness` 2 is elliptical, more is boxy."""
    x, y = coordinates(pixels)
    along, across = turned(x, y, centre, angle, axis_ratio)
    if boxiness == 2.0:
        r = np.sqrt(along**2 + across**2 + np.float32(0.3 / pixels) ** 2)
    else:
        power = np.float32(boxiness)
        r = (np.abs(along) ** power + np.abs(across) ** power + np.float32(0.3 / pixels) ** power) ** (1 / power)
    b = 2 * index - 1 / 3 + 0.009876 / index  # Prugniel & Simien 1997
    return np.exp(np.float32(-b) * ((r / np.float32(radius)) ** np.float32(1 / index) - 1))


def _position(rng, reach=0.12):
    return rng.normal(0, reach, 2)


def spheroid(pixels, rng, centre=None, radius=None):
    """An elliptical or lenticular: one to three nested Sérsic components, sometimes boxy, with faint shells or dust."""
    centre = _position(rng) if centre is None else centre
    radius = log_uniform(rng, 0.01, 0.2) if radius is None else radius
    angle, axis_ratio = rng.uniform(0, np.pi), rng.uniform(0.25, 1.0)
    image = 0.0
    for part in range(rng.integers(1, 4)):
        size = radius * 2.5**part
        image = image + 4.0**-part * sersic(
            pixels,
            centre,
            size,
            log_uniform(rng, 0.5, 5.0),
            np.clip(axis_ratio * rng.uniform(0.8, 1.25), 0.15, 1.0),
            angle + rng.normal(0, 0.2),
            2.0 if rng.random() < 0.6 else rng.uniform(1.6, 3.0),
        )
    if rng.random() < 0.3:  # shells, as after a radial merger
        x, y = coordinates(pixels)
        along, across = turned(x, y, centre, angle, axis_ratio)
        r = np.hypot(along, across) / np.float32(radius)
        phase = np.log1p(r) * np.float32(rng.uniform(8, 20)) + np.sign(along)
        image = image * (1 + np.float32(rng.uniform(0.1, 0.6)) * ((phase / np.float32(2 * np.pi)) % 1))
    return image / image.max()


def disc(pixels, rng, centre=None, scale=None):
    """A disc galaxy: exponential disc with logarithmic spiral arms, ring, bar, bulge, dust and star-forming knots."""
    centre = _position(rng) if centre is None else centre
    scale = log_uniform(rng, 0.015, 0.2) if scale is None else scale
    x, y = coordinates(pixels)
    angle, cos_i, thickness = rng.uniform(0, np.pi), rng.uniform(0.0, 1.0), rng.uniform(0.06, 0.2)
    axis_ratio = np.hypot(cos_i, thickness)
    along, across = turned(x, y, centre, angle, axis_ratio)
    along, across = along / np.float32(scale), across / np.float32(scale)
    r = np.sqrt(along**2 + across**2) + np.float32(1e-3)
    phi, log_r = np.arctan2(across, along), np.log(r)
    winding = np.float32(rng.choice((-1, 1)) / np.tan(np.deg2rad(rng.uniform(8, 35))))
    unwound = phi - winding * log_r
    u, v = unwound / np.float32(2 * np.pi), log_r / np.float32(2 * np.pi)
    texture = sampled(turbulence(TEXTURE, rng, rng.uniform(2.4, 3.4), rng.uniform(0.05, 0.3)), u, v)

    smooth = np.exp(-r) + np.float32(1e-4) * np.exp(-r / np.float32(rng.uniform(1.5, 3)))
    arms = rng.choice([0, 1, 2, 2, 2, 3, 4, 5])
    contrast, sharpness = rng.uniform(0.3, 6.0), log_uniform(rng, 0.7, 8.0)
    phase = np.float32(arms) * unwound + np.float32(rng.uniform(0, 0.9)) * texture + np.float32(rng.uniform(0, 6))
    arm = np.exp(np.float32(sharpness) * (np.cos(phase) - 1)) if arms else np.ones_like(r)
    arm = arm * (r**2 / (r**2 + np.float32(rng.uniform(0.05, 1.0))))
    clumpiness = rng.uniform(0.1, 1.6)
    young = arm * np.exp(np.float32(clumpiness) * texture - np.float32(clumpiness**2 / 2))
    image = smooth * (1 + np.float32(contrast) * young)
    if rng.random() < 0.25:  # a ring
        radius, width = rng.uniform(0.8, 3.0), rng.uniform(0.08, 0.5)
        image += np.float32(rng.uniform(0.2, 3)) * np.exp(-(((r - radius) / width) ** 2) / 2 - radius) * (0.3 + young)
    if rng.random() < 0.5:  # a hole or a truncation
        image *= expit((np.float32(rng.uniform(2.5, 5)) - r) * np.float32(log_uniform(rng, 1.5, 10)))
    dust = rng.uniform(0.0, 2.5) * (rng.random() < 0.6)
    if dust:
        inner = np.exp(4 * (np.cos(phase + np.float32(rng.uniform(0.3, 0.9) * np.sign(winding))) - 1))
        lane = inner * np.exp(-r / 3) * np.clip(1 + texture[::-1, ::-1], 0, 3)
        image *= np.exp(np.float32(-0.6 * dust) * lane)
    if dust and axis_ratio < 0.35:  # the dust lane of a disc seen from the side
        z = (across * np.float32(axis_ratio) - np.float32(rng.normal(0, 0.05))) / np.float32(thickness * 0.6)
        image *= np.exp(np.float32(-dust) * np.exp(-(z**2) / 2 - np.abs(along) / 4) * np.clip(1 + 0.5 * texture, 0, 3))
    old = 0.0
    if rng.random() < 0.35:  # a bar
        bar = rng.uniform(0, np.pi)
        a = np.cos(bar) * along + np.sin(bar) * across
        b = (np.cos(bar) * across - np.sin(bar) * along) / np.float32(rng.uniform(0.2, 0.5))
        length = rng.uniform(0.3, 1.2)
        old = np.float32(rng.uniform(0.3, 3)) * np.exp(-(((a**2 + b**2) / np.float32(length**2)) ** 2))
    if rng.random() < 0.8:  # a bulge
        bulge = sersic(
            pixels, centre, scale * rng.uniform(0.1, 0.6), rng.uniform(0.8, 4), np.hypot(axis_ratio, 0.5) / 1.12, angle
        )
        old = old + np.float32(log_uniform(rng, 0.05, 4)) * bulge
    image = image + old
    if rng.random() < 0.7:
        image = with_knots(pixels, rng, image / image.max(), young * smooth, scale)
    return image / image.max()


def with_knots(pixels, rng, image, density, scale):
    """`image` (peak 1) with compact sources of power-law brightness where `density` is high."""
    count = int(log_uniform(rng, 3, 150))
    x, y = scattered(np.sqrt(density / density.max()), rng, count)
    size = scale * np.exp(rng.normal(np.log(log_uniform(rng, 0.02, 0.12)), 0.4, count))
    bright = log_uniform(rng, 0.02, 0.6) * (1 - rng.random(count)) ** -rng.uniform(0.3, 0.8)
    found = len(x)
    return image + knots(pixels, x, y, np.maximum(size, 0.35 / 512)[:found], bright[:found])


def pair(pixels, rng):
    """Two or three galaxies in interaction, with curved tidal tails, a bridge and debris."""
    image, places, scale = 0.0, [], log_uniform(rng, 0.02, 0.1)
    distance = scale * rng.uniform(1.5, 6)
    direction = rng.uniform(0, 2 * np.pi)
    centre = _position(rng)
    for number in range(2 + (rng.random() < 0.2)):
        turn = direction + number * rng.uniform(2, 4)
        place = centre + 0.5 * distance * np.array([np.cos(turn), np.sin(turn)])
        draw = disc if rng.random() < 0.7 else spheroid
        image = image + log_uniform(rng, 0.2, 1) * draw(pixels, rng, place, scale * rng.uniform(0.4, 1.2))
        places.append(place)
    debris = 0.0
    for place in places[:2]:
        if rng.random() < 0.8:
            debris = debris + _tail(pixels, rng, place, scale)
    if rng.random() < 0.6:
        t = np.linspace(0, 1, 20)
        bow = rng.normal(0, 0.3) * distance * np.sin(np.pi * t)
        (x0, y0), (x1, y1) = places[:2]
        x, y = x0 + (x1 - x0) * t - bow * np.sin(direction), y0 + (y1 - y0) * t + bow * np.cos(direction)
        debris = debris + stroke(pixels, x, y, scale * rng.uniform(0.2, 0.8), log_uniform(rng, 0.02, 0.4))
    if not np.isscalar(debris):
        debris = debris * np.exp(0.7 * turbulence(pixels, rng, 3.0, 0.1))
        image = image + debris
        image = with_knots(pixels, rng, image / image.max(), debris, scale)
    return image / image.max()


def _tail(pixels, rng, place, scale):
    t = np.linspace(0, 1, 30)
    length, bend, start = scale * rng.uniform(3, 12), rng.normal(0, 2.0), rng.uniform(0, 2 * np.pi)
    heading = start + bend * t
    x = place[0] + length * np.cumsum(np.cos(heading)) / 30
    y = place[1] + length * np.cumsum(np.sin(heading)) / 30
    width = scale * rng.uniform(0.15, 0.5) * (1 + rng.uniform(0, 3) * t)
    return stroke(pixels, x, y, width, log_uniform(rng, 0.02, 0.5) * np.exp(-rng.uniform(0.5, 4) * t))


def crowd(pixels, rng):
    """A field of many small galaxies and unresolved sources, nearly empty between them."""
    image = 0.0
    for _ in range(rng.integers(1, 5)):
        draw = disc if rng.random() < 0.5 else spheroid
        image = image + log_uniform(rng, 0.01, 1) * draw(
            pixels, rng, rng.uniform(-0.5, 0.5, 2), log_uniform(rng, 0.004, 0.06)
        )
    count = int(log_uniform(rng, 5, 120))
    x, y = rng.uniform(-0.5, 0.5, (2, count))
    size = np.where(
        rng.random(count) < 0.5, log_uniform(rng, 0.002, 0.006), np.exp(rng.uniform(np.log(0.003), np.log(0.03), count))
    )
    bright = (1 - rng.random(count)) ** -rng.uniform(0.3, 1.2)
    image = image + rng.uniform(0, 1) * knots(pixels, x, y, size, bright / bright.max())
    return image / image.max()
