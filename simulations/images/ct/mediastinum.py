"""What lies between the lungs: heart, great vessels, airways, gullet; and the dome of the liver."""

from typing import Any

import numpy as np

from simulations.images.ct.canvas import AIR, Canvas


def mediastinum(canvas: Canvas, patient: Any) -> np.ndarray:
    """Distance into the space between the lungs."""
    rng, (width, height), (x, y) = canvas.rng, patient.cage, patient.spine
    shapes = [
        canvas.ellipse((x, y), (2.2, 2.0)),
        canvas.ellipse((0.2, 0.17 * height), (rng.uniform(2.8, 3.8), 0.48 * height)),
        canvas.ellipse((rng.normal(0, 0.3), 0.85 * height), (rng.uniform(0.5, 1.8), 0.45 * height), rng.normal(0, 6)),
        canvas.ellipse((0.4, -0.35 * height), (rng.uniform(1.3, 2.0), 0.4 * height)),
        canvas.ellipse((x + 1.9, y + 1.7), (1.6, 1.6)),  # the descending aorta
    ]
    if patient.level > 0.55:
        shapes.append(_heart(canvas, patient))
    if patient.level > 0.86:
        grown = (patient.level - 0.86) / 0.14
        shapes.append(_liver(canvas, patient, grown))
        shapes.append(canvas.ellipse((0.55 * width, -0.25 * height), (1.0 + 4.0 * grown, 0.8 + 3.6 * grown)))
    return np.maximum.reduce(shapes)


def _heart(canvas, patient):
    grown = min((patient.level - 0.55) / 0.2, 1.0)
    place = (0.17 * patient.cage[0], 0.24 * patient.cage[1])
    return canvas.ellipse(place, ((0.3 + 0.17 * grown) * patient.cage[0], (0.35 + 0.13 * grown) * patient.cage[1]), -32)


def _liver(canvas, patient, grown):
    width, height = patient.cage
    return canvas.ellipse((-0.5 * width, 0.05 * height), ((0.15 + 0.35 * grown) * width, (0.2 + 0.5 * grown) * height))


def paint_organs(canvas: Canvas, patient: Any, within: np.ndarray) -> None:
    """Vessels, heart, airways and liver; `within`: where they show (0 to 1), the inside of the cage."""
    level, (x, y) = patient.level, patient.spine
    soft = 45 + 6 * canvas.texture(2.0)
    if level < 0.3:
        _paint_arch(canvas, patient, within)
    elif level < 0.6:
        _paint_roots(canvas, patient, within)
    if level > 0.55:
        _paint_heart(canvas, patient, within)
    if level > 0.86:
        grown, width, height = (level - 0.86) / 0.14, *patient.cage
        canvas.paint(_liver(canvas, patient, grown) - 0.2, soft + 15 + 0.25 * (patient.blood - 45), where=within)
        place, size = (0.55 * width, -0.25 * height), (1.0 + 4.0 * grown, 0.8 + 3.6 * grown)
        canvas.paint(canvas.ellipse(place, size) - 0.15, soft, where=within)
        gas = canvas.ellipse((place[0], place[1] + 0.35 * size[1]), (0.7 * size[0], 0.4 * size[1]))
        canvas.paint(gas, AIR + 50 if canvas.rng.random() < 0.6 else soft, where=within)  # in the stomach
    canvas.blob((x + 0.6, y + 2.1), (0.9, 0.6), 20, 40.0)  # gullet
    if canvas.rng.random() < 0.4:
        canvas.blob((x + 0.6, y + 2.1), (0.35, 0.2), 20, -600.0)
    radius = canvas.rng.uniform(1.05, 1.4)
    canvas.blob((x + 1.9, y + 1.6), (radius, radius), 0, patient.blood)  # descending aorta


def _airway(canvas, place, axes, angle=0.0):
    canvas.blob(place, tuple(length + 0.15 for length in axes), angle, 20.0)
    canvas.blob(place, axes, angle, AIR + 20)


def _paint_arch(canvas, patient, within):
    rng, blood = canvas.rng, patient.blood
    if patient.level > 0.12:  # the arch itself
        start, end = (-0.6, 2.6), (2.3, patient.spine[1] + 1.9)
        canvas.tube(start, (2.2, 0.6), (1.3, 1.35), blood, within)
        canvas.tube((2.2, 0.6), end, (1.35, 1.2), blood, within)
    else:  # the arteries that leave it
        for place, radius in (((-1.6, 1.9), 0.75), ((0.5, 1.9), 0.5), ((2.0, 0.6), 0.5)):
            canvas.blob(place, (radius, radius), 0, blood)
    for place, axes in (((-2.3, 2.2), (0.9, 0.8)), ((2.4, 3.0), (0.9, 0.55))):  # veins
        canvas.blob(place, axes, rng.uniform(-20, 20), 0.8 * blood + 10)
    _airway(canvas, (rng.normal(0, 0.3), -0.6), (0.85, 0.95))


def _paint_roots(canvas, patient, within):
    """At the fork of the windpipe: ascending aorta, pulmonary trunk and arteries, bronchi."""
    rng, blood = canvas.rng, patient.blood
    canvas.tube((1.8, 2.4), (3.4, 0.2), (1.35, 1.0), blood, within)
    if patient.level > 0.42:
        canvas.tube((1.6, 1.6), (-3.6, -0.3), (1.1, 0.85), blood, within)
    radius = rng.uniform(1.4, 1.75)
    canvas.blob((-1.0, 2.5), (radius, radius), 0, blood)
    canvas.blob((-2.8, 1.9), (0.85, 0.95), 0, blood)
    apart = np.clip((patient.level - 0.3) / 0.15, 0.25, 1)
    for side in (-1, 1):
        _airway(canvas, (side * 2.1 * apart, -1.5), (0.75, 0.6), side * -20)
    canvas.blob((0, -1.9), (1.0, 0.6), 0, 45.0)  # lymph nodes


def _paint_heart(canvas, patient, within):
    """Four chambers in their muscle, under the fat of the pericardium."""
    heart = _heart(canvas, patient)
    width, height = patient.cage
    canvas.paint(heart - 0.1, 45.0, where=within)
    canvas.paint(heart - 0.22, -85.0, where=within)
    muscle = 60 + 0.3 * (patient.blood - 45)
    canvas.paint(heart - 0.65 + 0.2 * canvas.texture(2.0), muscle + 5 * canvas.texture(2.0), where=within)
    chambers = (  # left and right ventricle, left and right atrium
        ((0.26, 0.17), (0.19, 0.12), -35),
        ((0.07, 0.44), (0.2, 0.12), -25),
        ((0.08, -0.08), (0.17, 0.12), 0),
        ((-0.14, 0.22), (0.12, 0.17), 10),
    )
    inside = np.clip((heart - 0.7) / 0.3, 0, 1) * within
    for (x, y), axes, angle in chambers:
        size = tuple(length * canvas.rng.uniform(0.85, 1.1) * width for length in axes)
        shape = canvas.ellipse((x * width, y * height), size, angle)
        canvas.paint(shape, patient.blood * canvas.rng.uniform(0.85, 1.05), soft=0.4, where=inside)
