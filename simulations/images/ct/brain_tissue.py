"""A random brain: folded cortex, white matter, deep nuclei and ventricles."""

import numpy as np
from scipy.ndimage import distance_transform_edt

from simulations.images.ct.canvas import Canvas
from simulations.images.galaxies.turbulence import sampled, turbulence

RIBBON = 0.36  # thickness of the cortex, cm
POLAR = 512  # pixels of the field that folds the cortex


def folded_brain(canvas: Canvas) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Grey and white matter (shares, 0 to 1) and the space within the skull of one slice of a `canvas.Canvas`.

    The slice lies between the thalami and the top of the brain. Furrows follow the zeros of a random field in the angle
    round the middle and the depth below the surface; grey matter is what lies within `RIBBON` of a surface.
    """
    rng = canvas.rng
    level = rng.random()  # 0 at the thalami, 1 above the ventricles
    size = rng.uniform(0.94, 1.06) * (1 - 0.22 * max(0.0, level - 0.6) / 0.4)
    half = (6.6 * size * rng.uniform(0.95, 1.05), 8.3 * size)
    skull = canvas.ellipse((0, 0), half, power=2.2)
    gap = rng.uniform(0.1, 0.28)  # of water round the brain, wider in old age
    surface = skull - gap
    water = np.maximum(_furrows(canvas, surface, half, 0.6 + 2 * gap), _clefts(canvas, half, level, gap))
    ventricles, nuclei = _inside(canvas, half, level, np.exp(rng.normal(0, 0.3)))
    tissue = np.minimum(np.minimum(surface, -water), -ventricles)
    outer = np.minimum(surface, -water) > 0
    depth = distance_transform_edt(outer).astype(np.float32) * canvas.pixel
    grey = np.clip((RIBBON * (1 + 0.15 * canvas.texture(1.5)) - depth) / (1.5 * canvas.pixel) + 0.5, 0, 1)
    grey = np.maximum(grey, 0.8 * np.clip(nuclei / 0.2 + 0.5, 0, 1))
    present = np.clip(tissue / (1.5 * canvas.pixel) + 0.5, 0, 1)
    return present * grey, present * (1 - grey), skull > 0


def _furrows(canvas, surface, half, width):
    """Distance into the water of the furrows, which are narrower the deeper, and end."""
    rng = canvas.rng
    angle = np.arctan2(canvas.y / half[1], canvas.x / half[0]) / (2 * np.pi)
    depth = half[0] * (1 - np.hypot(canvas.x / half[0], canvas.y / half[1]))
    field = sampled(turbulence(POLAR, rng, 6, 0.05), angle + 0.008 * canvas.texture(3.0), depth / 60)
    across, along = np.gradient(field)
    distance = canvas.pixel * np.abs(field) / np.sqrt(across**2 + along**2 + 1e-6)
    reach = 1.5 + 0.7 * canvas.texture(3.5)
    return 0.2 * width * np.clip(1.2 - surface.clip(0) / reach.clip(0.4), 0, 1) - distance


def _clefts(canvas, half, level, gap):
    """Distance into the cleft between the hemispheres, and above the temporal lobes."""
    wide = 0.08 + 0.4 * gap
    bridge = 0.0 if level > 0.8 else (0.47 - 0.1 * level) * half[1]  # the hemispheres are joined in the middle
    midline = np.where(np.abs(canvas.y) > bridge, wide - np.abs(canvas.x), -1.0)
    if level > 0.4:
        return midline
    sides = [
        canvas.ellipse((side * 0.78 * half[0], 0.1 * half[1]), (0.28 * half[0], 0.12 + gap), side * 25)
        for side in (-1, 1)
    ]
    return np.maximum.reduce([midline, *sides])


def _inside(canvas, half, level, grown):
    """Distances into the ventricles and the deep nuclei; `grown`: how wide the ventricles are."""
    (a, b), x = half, np.abs(canvas.x)  # both sides alike
    outside = np.full_like(x, -1.0)
    if level > 0.8:
        return outside, outside

    def shape(centre, axes, angle=0.0):
        cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
        u, v = x - centre[0] * a, canvas.y - centre[1] * b
        along, across = (u * cos + v * sin) / axes[0], (v * cos - u * sin) / axes[1]
        return (1 - np.hypot(along, across)) * min(axes)

    body = level > 0.45
    front = shape((0.2, 0.31), (1.35, 0.42 * grown), 62)
    back = shape((0.34, -0.33), (1.7, 0.48 * grown), -62)
    ventricles = np.maximum(front, back)
    if body:
        return np.maximum(ventricles, shape((0.16, 0.0), (2.6, 0.5 * grown), 92)), shape((0.3, 0.12), (1.6, 0.32), 95)
    ventricles = np.maximum(ventricles, shape((0, 0.0), (0.22 * grown, 1.0)))  # the third
    nuclei = [
        shape((0.19, -0.06), (1.5, 0.85), 65),  # thalamus
        shape((0.25, 0.24), (0.95, 0.5), 70),  # caudate nucleus
        shape((0.42, 0.1), (1.7, 0.55), 75),  # putamen
    ]
    return ventricles, np.maximum.reduce(nuclei)
