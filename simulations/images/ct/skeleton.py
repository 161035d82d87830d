"""Bones of the chest: vertebra, ribs, breastbone and shoulder blades."""

from typing import Any

import numpy as np

from simulations.images.ct.canvas import Canvas

CORTEX, MARROW = 750.0, 230.0  # Hounsfield units of a bone's shell and of its spongy inside


def paint_skeleton(canvas: Canvas, patient: Any) -> None:
    """Ribs, breastbone, vertebra and, near the shoulders, shoulder blades."""
    _paint_ribs(canvas, patient)
    _paint_breastbone(canvas, patient)
    _paint_vertebra(canvas, patient)
    if patient.level < 0.55:
        _paint_shoulder_blades(canvas, patient)


def _bone(canvas, centre, axes, angle, shell=0.16, density=1.0):
    """A bone: shell and marrow."""
    canvas.blob(centre, axes, angle, density * CORTEX)
    inside = tuple(length - shell for length in axes)
    if min(inside) > 0.05:
        canvas.blob(centre, inside, angle, density * MARROW * canvas.rng.uniform(0.8, 1.3))


def _paint_ribs(canvas, patient):
    """Ribs run obliquely through the slice, so it cuts out of each a length along the wall."""
    rng, (width, height) = canvas.rng, patient.cage
    for side in (-1, 1):
        angle = rng.uniform(-72, -55)
        while angle < 68:
            radians = np.deg2rad(angle)
            radius = (
                np.abs(np.cos(radians) / (width - 0.45)) ** 2.5 + np.abs(np.sin(radians) / (height - 0.45)) ** 2.5
            ) ** -0.4
            place = (side * radius * np.cos(radians), radius * np.sin(radians))
            normal = np.rad2deg(
                np.arctan2(
                    np.sign(place[1]) * np.abs(place[1] / height) ** 1.5 / height,
                    (np.abs(place[0]) / width) ** 1.5 / width,
                )
            )
            length = rng.uniform(0.8, 2.3)
            _bone(canvas, place, (length, rng.uniform(0.45, 0.65)), side * (normal + 90 + rng.normal(0, 4)), shell=0.17)
            angle += np.rad2deg((2 * length + rng.uniform(0.6, 4.0)) / radius)


def _paint_breastbone(canvas, patient):
    rng = canvas.rng
    place = (rng.normal(0, 0.15), patient.cage[1] - 0.15)
    _bone(canvas, place, (rng.uniform(1.5, 2.3), rng.uniform(0.5, 0.7)), rng.normal(0, 3), shell=0.14, density=0.8)
    for side in (-1, 1):  # cartilage towards the ribs
        start = (place[0] + side * 2.2, place[1] - 0.05)
        canvas.tube(start, (start[0] + side * 2.0, place[1] - 0.5), (0.4, 0.4), 130.0)


def _paint_vertebra(canvas, patient):
    rng, (x, y) = canvas.rng, patient.spine
    size, density = rng.uniform(0.9, 1.1), rng.uniform(0.75, 1.1)
    for side in (-1, 1):
        canvas.tube(
            (x + side * 1.0, y - 1.9), (x + side * 3.3, y - 2.5), (0.42, 0.5), density * 550
        )  # transverse process
        _bone(canvas, (x + side * 2.7 * size, y - 1.1), (1.5, 0.45), side * 48, density=density)  # head of a rib
        canvas.tube((x + side * 1.1, y - 1.6), (x, y - 3.1), (0.35, 0.35), density * 650)  # lamina
    canvas.tube((x, y - 3.0), (x + rng.normal(0, 0.2), y - 4.6), (0.32, 0.25), density * 500)  # spinous process
    _bone(canvas, (x, y), (1.75 * size, 1.4 * size), 0, shell=0.17, density=density)
    canvas.blob((x, y - 2.05), (0.95, 0.85), 0, 15.0)  # canal
    canvas.blob((x, y - 2.05), (0.5, 0.42), 0, 40.0)  # cord


def _paint_shoulder_blades(canvas, patient):
    rng, (width, height) = canvas.rng, patient.cage
    for side in (-1, 1):
        angle = np.deg2rad(rng.uniform(30, 42))
        middle = np.array([side * 0.82 * width, -0.78 * height])
        along = np.array([side * np.cos(angle), np.sin(angle)]) * rng.uniform(2.5, 4.0)
        canvas.tube(middle - along, middle + along, (0.28, 0.5), 620.0)
        if patient.level < 0.25:  # its spine
            canvas.tube(middle, middle + np.array([side * 2.2, -1.4]), (0.3, 0.4), 600.0)
