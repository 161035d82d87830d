"""The mean of a map at and around positions, and of as many random and turned ones: what chance gives."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.ndimage import map_coordinates


@dataclass(frozen=True)
class Stack:
    """The mean of a map in rings around positions.

    Attributes
    ----------
    radius : (rings,), arcmin, the mean of each ring; the first is 0, the positions themselves. mean : (rings,).
    count : positions. random, rotated : (draws, rings), means around as many random positions, and around the same
        positions turned rigidly, mirrored or not, about the middle of the field.
    """

    radius: np.ndarray
    mean: np.ndarray
    count: int
    random: np.ndarray
    rotated: np.ndarray


class MapImage(Protocol):
    """A map of the plane or of the sphere; a place is a row of coordinates (d,) of its own kind."""

    level: float  # mean of the unmasked pixels
    side_arcmin: float  # size of the map, masked pixels included

    def inside(self, places: np.ndarray) -> np.ndarray:
        """Whether places (n, d) lie in unmasked pixels."""
        ...

    def around(self, places: np.ndarray, radius: float) -> np.ndarray:
        """Values (n, points) on circles of a radius, arcmin, around places (n, d); NaN where no pixel is seen."""
        ...

    def random(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Independent places (count, d) in unmasked pixels."""
        ...

    def turned(self, places: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Places turned rigidly about the middle of what is seen, by a random angle, half of the times mirrored."""
        ...


@dataclass(frozen=True)
class PlaneImage:
    """A map of the plane, as `MapImage`; a place is (y, x) in pixels.

    Attributes
    ----------
    values : (H, W), NaN where masked. pixel_arcmin : side of a pixel.
    """

    values: np.ndarray
    pixel_arcmin: float

    @cached_property
    def level(self) -> float:
        return float(np.nanmean(self.values))

    @property
    def side_arcmin(self) -> float:
        """The longer side."""
        return max(self.values.shape) * self.pixel_arcmin

    @cached_property
    def _seen(self):
        """(y, x) of the unmasked pixels."""
        return np.argwhere(np.isfinite(self.values))

    def inside(self, places: np.ndarray) -> np.ndarray:
        row, column = np.rint(places.T)
        on = (row >= 0) & (column >= 0) & (row < self.values.shape[0]) & (column < self.values.shape[1])
        on[on] = np.isfinite(self.values[row[on].astype(int), column[on].astype(int)])
        return on

    def around(self, places: np.ndarray, radius: float) -> np.ndarray:
        (y, x), r, angle = places.T[:, :, None], radius / self.pixel_arcmin, circle(radius / self.pixel_arcmin)
        return interpolated(self.values, y + r * np.sin(angle), x + r * np.cos(angle))

    def random(self, count: int, rng: np.random.Generator) -> np.ndarray:
        return self._seen[rng.integers(0, len(self._seen), count)] + rng.uniform(-0.5, 0.5, (2, count)).T

    def turned(self, places: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        middle = self._seen.mean(axis=0)
        away = (places - middle) @ np.array([1j, 1])
        mirrored, angle = random_turn(rng)
        away = (np.conj(away) if mirrored else away) * np.exp(1j * angle)
        return middle + np.stack([away.imag, away.real], axis=1)


def interpolated(image: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """An image at positions of any shape, bilinear between the unmasked of the four pixels around; NaN elsewhere."""
    seen = np.isfinite(image).astype(float)
    weighted, weight = (
        map_coordinates(data, [y, x], order=1, mode="constant", cval=0.0) for data in (np.nan_to_num(image), seen)
    )
    return of_seen(weighted, weight)


def of_seen(weighted: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Interpolated values, of the weighted sum and the weight of the pixels that are seen; NaN where it is small."""
    return np.where(weight > 0.25, weighted / np.maximum(weight, 0.25), np.nan)


def circle(radius: float) -> np.ndarray:
    """Angles (points,) of a point in each pixel on a circle of a radius in pixels."""
    points = max(1, int(np.ceil(2 * np.pi * radius)))
    return 2 * np.pi * np.arange(points) / points


def random_turn(rng: np.random.Generator) -> tuple[bool, float]:
    """Whether to mirror, and the angle [radians]: 20° or more, as less finds what is there."""
    return bool(rng.random() < 0.5), float(np.radians(rng.uniform(20, 340)))


def profile(image: MapImage, places: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Mean (rings,) of a map over places (n, d), on circles of each radius, arcmin; NaN where no pixel is seen."""
    rings = [image.around(places, r) for r in radius]
    return np.array([np.nanmean(values) if np.isfinite(values).any() else np.nan for values in rings])


def stack(image: MapImage, places: np.ndarray, radius: np.ndarray, draws: int, rng: np.random.Generator) -> Stack:
    """Stack a map at places (n, d) in its unmasked pixels.

    radius : (rings,), arcmin, from 0. draws : sets of random and of turned places.
    """
    level, count, random, rotated = image.level, len(places), [], []
    for _ in range(draws):
        random.append(profile(image, image.random(count, rng), radius))
        there = image.turned(places, rng)
        kept = image.inside(there)
        if kept.any():  # fewer places scatter more: brought to as many as there are
            rotated.append(level + (profile(image, there[kept], radius) - level) * np.sqrt(kept.sum() / count))
    shape = (-1, len(radius))
    return Stack(radius, profile(image, places, radius), count, np.array(random), np.reshape(rotated, shape))
