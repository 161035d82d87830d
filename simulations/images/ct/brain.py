"""Slices of the head: brain, bleeding, skull and scalp, in the window in which a brain is read."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.ndimage import distance_transform_edt

from lofi.data.resampling import averaged
from lofi.seeds import stream
from simulations.images.ct.brain_template import TemplateBrain
from simulations.images.ct.brain_tissue import folded_brain
from simulations.images.ct.canvas import AIR, Canvas, windowed

WINDOW = (-20.0, 100.0)  # Hounsfield units. # ASSUME: level 40, width 120, as head scans are read and published
CSF, GREY, WHITE, BLOOD = 8.0, 38.0, 28.0, 66.0


def head(
    pixels: int, rng: np.random.Generator, anatomy: Callable = folded_brain, window: tuple[float, float] = WINDOW
) -> np.ndarray:
    """One slice: float32 (pixels, pixels), values 0 to 1 of the `window`, front up; row 0 is the back.

    anatomy : function of a canvas that gives grey and white matter (shares, 0 to 1) and the space within the skull
    (boolean), such as `brain_tissue.folded_brain` or a `brain_template.TemplateBrain`.
    """
    canvas = Canvas(2 * pixels, rng.uniform(21.0, 24.5), rng, rng.normal(0, 0.4, 2), bend=0.15)
    grey, white, inside = anatomy(canvas)
    outwards = distance_transform_edt(~inside).astype(np.float32) * canvas.pixel
    _paint_skull(canvas, outwards)
    tissue = CSF + grey * (GREY - CSF) + white * (WHITE - CSF)
    canvas.paint(0.5 * canvas.pixel - outwards, tissue)
    if rng.random() < 0.3:
        _paint_bleeding(canvas, (grey + white).clip(0, 1))
    canvas.hu += np.where(canvas.hu > -200, rng.uniform(1.5, 3) * canvas.texture(0.6, 2.5), 0)
    return averaged(windowed(canvas.hu, window), (0, 0), 2 * pixels, pixels).astype(np.float32)


def heads(
    numbers: Sequence[int],
    pixels: int,
    *name: str | int,
    anatomy: str = "simulated",
    window: tuple[float, float] = WINDOW,
) -> np.ndarray:
    """Slices (N, pixels, pixels) of these `numbers` as of `head`; number i has the stream (*name, i).

    anatomy : `simulated`, or `icbm152` for that of the average brain (see `brain_template`).
    """
    kinds = {"simulated": lambda: folded_brain, "icbm152": TemplateBrain}
    if anatomy not in kinds:
        raise ValueError(f"anatomy is {anatomy!r}; expected {' or '.join(kinds)}")
    drawn = kinds[anatomy]()
    return np.stack([head(pixels, stream(*name, i), drawn, window) for i in numbers])


def _paint_skull(canvas, outwards):
    """Scalp and skull, a shell of dense bone round a spongy one, thicker in front and behind."""
    rng = canvas.rng
    gap, thick = rng.uniform(0.1, 0.25), rng.uniform(0.45, 0.7)
    thick = thick * (1 + 0.35 * np.abs(canvas.y) / 9 + 0.08 * canvas.texture(4.0))
    scalp = gap + thick + rng.uniform(0.35, 0.8)
    canvas.hu.fill(AIR)
    canvas.paint(scalp - outwards, 40.0)
    canvas.paint(scalp - 0.15 - outwards, -70.0 + 30 * canvas.texture(2.0))
    canvas.paint(gap + thick + 0.15 - outwards, 35.0)
    canvas.paint(gap + thick - outwards, 1100.0)
    canvas.paint(0.5 * thick - 0.13 - np.abs(outwards - gap - 0.5 * thick), 480 + 130 * canvas.texture(0.8))
    canvas.paint(gap - outwards, CSF + 15)


def _paint_bleeding(canvas, brain):
    """Fresh blood in the brain, in water that the tissue has drawn."""
    rng = canvas.rng
    place, size = rng.uniform((-4, -5), (4, 5)), rng.uniform(0.6, 1.8)
    shape = canvas.ellipse(place, (size * rng.uniform(1, 1.7), size), rng.uniform(0, 180)) + 0.25 * canvas.texture(
        2.0, 6
    )
    canvas.paint(shape + 0.5, CSF + 10, soft=0.6, where=brain)
    canvas.paint(shape, BLOOD, soft=0.2, where=brain)
