"""What slices are painted on: Hounsfield units on a grid in cm, and shapes as distances into their inside.

A shape is an array of signed distances in cm, positive inside; `paint` covers the inside and softens its edge. Lines
and blobs, of which there are many, are painted within their own surroundings only.
"""

import math

import numpy as np

from simulations.images.galaxies.turbulence import turbulence

AIR, FAT, MUSCLE = -1000.0, -95.0, 50.0  # Hounsfield units


class Canvas:
    """A square of air, `side` cm wide and `pixels` pixels on a side, its coordinates gently bent.

    Attributes
    ----------
    hu : (pixels, pixels) Hounsfield units, float32.
    x, y : coordinates in cm from the middle of the body; bent by smooth flows of about `bend` cm, so that no organ is
        an ellipse. rows, columns : the same along the axes, not bent. pixel : side of a pixel, cm.
    """

    def __init__(
        self,
        pixels: int,
        side: float,
        rng: np.random.Generator,
        centre: tuple[float, float] = (0.0, 0.0),
        bend: float = 0.25,
    ) -> None:
        self.pixel, self.rng, self._bend = side / pixels, rng, 4 * bend
        axis = ((np.arange(pixels) + 0.5) / pixels - 0.5).astype(np.float32) * np.float32(side)
        self.columns, self.rows = axis + np.float32(centre[0]), axis + np.float32(centre[1])
        flow = [np.float32(bend) * turbulence(pixels, rng, 6, 8.0 / side) for _ in range(2)]
        self.x, self.y = self.columns + flow[0], self.rows[:, None] + flow[1]
        self.hu = np.full((pixels, pixels), AIR, np.float32)

    def texture(self, scale: float, slope: float = 4) -> np.ndarray:
        """A random field of mean 0 and unit variance, `scale` cm its largest structures."""
        pixels = len(self.hu)
        return turbulence(pixels, self.rng, slope, scale / (self.pixel * pixels))

    def ellipse(
        self, centre: tuple[float, float], axes: tuple[float, float], angle: float = 0.0, power: float = 2.0
    ) -> np.ndarray:
        """Distance into a (super)ellipse of half-`axes` (along, across), turned by `angle` degrees; true near it."""
        return _ellipse(self.x, self.y, centre, axes, angle, power)

    def paint(
        self, inside: np.ndarray, value: float | np.ndarray, soft: float | None = None, where: np.ndarray | None = None
    ) -> None:
        """Cover the inside with a value (number or array); `where` (0 to 1) says how much shows."""
        self.hu = _blend(self.hu, inside, value, soft or 1.5 * self.pixel, where)

    def blob(
        self,
        centre: tuple[float, float],
        axes: tuple[float, float],
        angle: float,
        value: float | np.ndarray,
        where: np.ndarray | None = None,
    ) -> None:
        """An ellipse, painted in its surroundings."""
        self._local(centre, max(axes), lambda x, y: _ellipse(x, y, centre, axes, angle, 2.0), value, where)

    def tube(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        radii: tuple[float, float],
        value: float | np.ndarray,
        where: np.ndarray | None = None,
    ) -> None:
        """A line from `start` to `end` of radius `radii[0]` to `radii[1]` cm; thinner ones than a pixel show partly."""
        start, end = np.asarray(start, float), np.asarray(end, float)
        along = end - start
        squared = max(float(along @ along), 1e-6)

        def inside(x, y):
            t = (((x - start[0]) * along[0] + (y - start[1]) * along[1]) / squared).clip(0, 1)
            return (
                radii[0]
                + t * (radii[1] - radii[0])
                - np.hypot(x - start[0] - t * along[0], y - start[1] - t * along[1])
            )

        reach = math.sqrt(squared) / 2 + max(radii)
        self._local((start + end) / 2, reach, inside, value, where, shown=min(2 * max(radii) / self.pixel, 1.0))

    def _local(self, centre, reach, inside, value, where, shown=1.0):
        reach += self._bend + 2 * self.pixel
        part = tuple(
            slice(*np.searchsorted(axis, (middle - reach, middle + reach)))
            for axis, middle in ((self.rows, centre[1]), (self.columns, centre[0]))
        )
        where = shown if where is None else where[part] * shown
        self.hu[part] = _blend(self.hu[part], inside(self.x[part], self.y[part]), value, self.pixel, where)


def _blend(hu, inside, value, soft, where):
    share = np.clip(inside / np.float32(soft) + np.float32(0.5), 0, 1)
    share = share if where is None else share * where
    return hu + share * (value - hu)


def _ellipse(x, y, centre, axes, angle, power):
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    u = ((x - centre[0]) * cos + (y - centre[1]) * sin) / axes[0]
    v = ((y - centre[1]) * cos - (x - centre[0]) * sin) / axes[1]
    radius = np.hypot(u, v) if power == 2.0 else (np.abs(u) ** power + np.abs(v) ** power) ** (1 / power)
    return (1 - radius) * min(axes)


def windowed(hu: np.ndarray, window: tuple[float, float]) -> np.ndarray:
    """Hounsfield units → values from 0 to 1, linear from the lower to the upper end of `window` and cut off there."""
    low, high = window
    return ((hu - low) / (high - low)).clip(0, 1)
