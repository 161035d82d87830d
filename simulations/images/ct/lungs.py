"""Lungs: parenchyma that is denser towards the back, branching vessels and bronchi."""

from typing import Any

import numpy as np

from simulations.images.ct.canvas import AIR, Canvas


def fill_lungs(canvas: Canvas, patient: Any, lung: np.ndarray) -> None:
    """Paint the inside of `lung`, its distance in cm, with air, vessels and airways."""
    rng, height = canvas.rng, patient.cage[1]
    shown = np.clip(lung / (1.5 * canvas.pixel) + 0.5, 0, 1)
    gradient = rng.uniform(20, 60) * (-canvas.y / height)  # blood sinks to the back
    canvas.paint(lung, rng.uniform(-890, -810) + gradient + 18 * canvas.texture(2.5, 3), where=None)
    within = np.clip(lung / canvas.pixel, 0, 1) * shown
    for side in (-1, 1):
        root = np.array([side * 2.9, -0.02 * height - 0.5])
        for _ in range(rng.integers(4, 7)):
            _branch(canvas, root, (side, np.deg2rad(rng.uniform(-80, 80))), rng.uniform(0.3, 0.55), within)
        for _ in range(rng.integers(90, 160)):  # vessels that pass through the slice, across it or obliquely
            place = root + np.array([side * abs(rng.normal(0, 0.5)) * patient.cage[0], rng.normal(0, 0.45) * height])
            radius = np.exp(rng.normal(np.log(0.13), 0.4)) * (1.6 - min(1.0, abs(place[0]) / patient.cage[0]))
            _cut_vessel(canvas, root, place, radius, within)
    fissure = canvas.y - rng.uniform(-0.45, -0.1) * height - 0.15 * np.abs(canvas.x)
    canvas.paint(0.05 - np.abs(fissure), -700.0, soft=0.3, where=0.25 * within)


def _cut_vessel(canvas, root, place, radius, within):
    """A vessel cut by the slice, drawn out away from the root as it lies obliquely; some with their bronchus."""
    outwards = (place - root) / max(float(np.hypot(*(place - root))), 1.0)
    canvas.tube(place, place + canvas.rng.exponential(0.5) * outwards, (radius, 0.7 * radius), 30.0, within)
    if radius > 0.2 and canvas.rng.random() < 0.5:
        beside = place + 2.1 * radius * outwards[::-1]
        canvas.tube(beside, beside, (radius + 0.08, radius + 0.08), -150.0, within)
        canvas.tube(beside, beside, (radius, radius), AIR + 50, within)


def _branch(canvas, start, direction, radius, within):
    """A vessel from `start` that forks until it leaves the slice; direction: (side, angle from the horizontal)."""
    rng, (side, angle) = canvas.rng, direction
    end = start + rng.uniform(1.0, 2.4) * np.array([side * np.cos(angle), np.sin(angle)])
    canvas.tube(start, end, (radius, 0.85 * radius), 35.0, within)
    fork = np.deg2rad(rng.uniform(12, 32))
    for turn, share in ((1, rng.uniform(0.62, 0.85)), (-1, rng.uniform(0.5, 0.75))):
        if radius > 0.08 and rng.random() < 0.68:
            _branch(canvas, end, (side, angle + turn * fork), share * radius, within)
