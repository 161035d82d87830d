"""Slices of the chest, from the arch of the aorta down to the dome of the liver."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lofi.data.resampling import averaged
from lofi.seeds import stream
from simulations.images.ct.canvas import FAT, MUSCLE, Canvas, windowed
from simulations.images.ct.lungs import fill_lungs
from simulations.images.ct.mediastinum import mediastinum, paint_organs
from simulations.images.ct.skeleton import paint_skeleton

WINDOW = (-1000.0, 3071.0)  # Hounsfield units of the values 0 and 1 in LoDoPaB-CT


@dataclass(frozen=True)
class Patient:
    """Half-widths in cm of the `body` and of the rib `cage` within it, and the middle (x, y) of the `spine`.

    level : 0 at the arch of the aorta, 1 at the dome of the liver. blood : Hounsfield units of the vessels, with or
    without contrast agent. fat : thickness of the fat under the skin, cm.
    """

    body: tuple[float, float]
    cage: tuple[float, float]
    spine: tuple[float, float]
    level: float
    blood: float
    fat: float


def chest(pixels: int, rng: np.random.Generator) -> np.ndarray:
    """One slice: float32 (pixels, pixels), 0 (air) to 1 (3071 Hounsfield units), front up; row 0 is the back."""
    patient = _patient(rng)
    # ASSUME: half of the frames show the whole body, the others cut into it as those of LoDoPaB-CT do.
    side = 2 * patient.body[0] * (rng.uniform(1.02, 1.2) if rng.random() < 0.5 else rng.uniform(0.78, 1.0))
    centre = rng.normal(0, 0.5, 2) - (0, rng.uniform(0, 1.0))
    canvas = Canvas(2 * pixels, side, rng, centre)
    cage = canvas.ellipse((0, 0), patient.cage, power=2.5)
    _paint_wall(canvas, patient, cage)
    middle = mediastinum(canvas, patient)
    canvas.paint(cage - 0.9, FAT + 15)
    lung = np.minimum(cage - 0.9, -middle)
    paint_organs(canvas, patient, np.clip(cage / canvas.pixel, 0, 1))
    fill_lungs(canvas, patient, lung)
    paint_skeleton(canvas, patient)
    body = np.clip((canvas.hu + 950) / 100, 0, 1)
    canvas.hu += body * (rng.uniform(8, 22) * canvas.texture(1.0, 2.0))
    return averaged(windowed(canvas.hu, WINDOW), (0, 0), 2 * pixels, pixels).astype(np.float32)


def chests(numbers: Sequence[int], pixels: int, *name: str | int) -> np.ndarray:
    """Slices (N, pixels, pixels) of these `numbers` as of `chest`; number i has the stream (*name, i)."""
    return np.stack([chest(pixels, stream(*name, i)) for i in numbers])


def _patient(rng):
    level, width = rng.random(), rng.uniform(15.5, 19.5)
    fat = np.exp(rng.uniform(np.log(0.7), np.log(2.6)))
    body = (width + 0.6 * fat, width * rng.uniform(0.62, 0.74) + 0.5 * fat)
    narrow = 1 - 0.22 * max(0.0, 0.3 - level) / 0.3
    cage = ((body[0] - fat - rng.uniform(1.8, 3.0)) * narrow, body[1] - 0.8 * fat - rng.uniform(1.3, 2.0))
    spine = (rng.normal(0, 0.2), 3.2 - cage[1])
    blood = rng.choice([rng.uniform(38, 50), rng.uniform(120, 330)])
    return Patient(body, cage, spine, level, float(blood), fat)


def _paint_wall(canvas, patient, cage):
    """Table, skin, fat and the muscles outside and between the ribs."""
    rng, (width, height) = canvas.rng, patient.body
    if rng.random() < 0.7:  # the table
        table = -height - rng.uniform(0.4, 1.0) + 0.012 * canvas.columns**2
        for depth, value in ((0.0, -350.0), (2.5, -550.0)):
            canvas.paint(0.22 - np.abs(canvas.rows[:, None] - table + depth), value, where=np.abs(canvas.columns) < 21)
    if rng.random() < 0.25:  # arms beside the body
        for side in (-1, 1):
            place = (side * (width + 4.6), rng.uniform(-3, 1))
            canvas.blob(place, (4.0, 4.6), 0, FAT)
            canvas.blob(place, (3.1, 3.7), 0, MUSCLE)
            canvas.blob(place, (1.15, 1.15), 0, 1100.0)
            canvas.blob(place, (0.65, 0.65), 0, 60.0)
    outline = canvas.ellipse((0, 0), patient.body, power=2.3)
    if patient.level > 0.2 and rng.random() < 0.5:  # breasts
        size = rng.uniform(2.0, 4.5)
        for side in (-1, 1):
            breast = canvas.ellipse((side * 0.48 * width, 0.83 * height), (1.7 * size, size), -side * 15)
            outline = np.maximum(outline, breast)
    canvas.paint(outline, 20.0)  # skin
    canvas.paint(outline - 0.22, FAT + 4 * canvas.texture(3.0))
    streaks = np.clip(1.4 + canvas.texture(1.5, 3), 0, 1)  # fat between the muscles
    muscle = cage + rng.uniform(0.9, 1.6) + 0.5 * canvas.texture(6.0)
    for side in (-1, 1):
        x, y = patient.spine[0] + side * 3.4, patient.spine[1] - 2.9
        muscle = np.maximum(muscle, canvas.ellipse((x, y), (2.9, 1.8), -side * 12))
        back = canvas.ellipse((side * 0.88 * patient.cage[0], -0.35 * patient.cage[1]), (2.4, 4.6), -side * 25)
        front = canvas.ellipse((side * 0.55 * patient.cage[0], 0.93 * patient.cage[1]), (4.5, 1.4), -side * 22)
        muscle = np.maximum(muscle, np.maximum(back, front if patient.level < 0.6 else back))
    canvas.paint(np.minimum(muscle, outline - 0.5), FAT + streaks * (MUSCLE - FAT))
    canvas.paint(cage, FAT + np.clip(streaks + 0.4, 0, 1) * (MUSCLE - FAT))
