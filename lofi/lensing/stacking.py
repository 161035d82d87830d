"""Stacks: the mean of a map around given positions, its profile, and what chance makes of them."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates


@dataclass(frozen=True)
class Stack:
    """The mean of a map in rings around positions.

    Attributes
    ----------
    radius : (rings,), pixels, the mean of each ring; the first is 0, the positions themselves. mean : (rings,).
    count : positions. random, rotated : (draws, rings), means around as many random positions, and around the same
        positions turned rigidly, mirrored or not, about the middle of the field.
    """

    radius: np.ndarray
    mean: np.ndarray
    count: int
    random: np.ndarray
    rotated: np.ndarray


def inside(image: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Whether positions (n,) in pixels lie in unmasked pixels of an image (H, W), NaN where masked."""
    row, column = np.rint(y), np.rint(x)
    on = (row >= 0) & (column >= 0) & (row < image.shape[0]) & (column < image.shape[1])
    on[on] = np.isfinite(image[row[on].astype(int), column[on].astype(int)])
    return on


def values(image: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """An image at positions of any shape, bilinear between the unmasked of the four pixels around; NaN elsewhere."""
    seen = np.isfinite(image).astype(float)
    weighted, weight = (
        map_coordinates(data, [y, x], order=1, mode="constant", cval=0.0) for data in (np.nan_to_num(image), seen)
    )
    return np.where(weight > 0.25, weighted / np.maximum(weight, 0.25), np.nan)


def profile(image: np.ndarray, y: np.ndarray, x: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Mean (rings,) of an image over positions (n,), on circles of each radius, pixels; NaN where no pixel is seen."""
    means = []
    for r in radius:
        points = max(1, int(np.ceil(2 * np.pi * r)))
        angle = 2 * np.pi * np.arange(points) / points
        around = values(image, y[:, None] + r * np.sin(angle), x[:, None] + r * np.cos(angle))
        means.append(np.nanmean(around) if np.isfinite(around).any() else np.nan)
    return np.array(means)


def stack(
    image: np.ndarray, y: np.ndarray, x: np.ndarray, radius: np.ndarray, draws: int, rng: np.random.Generator
) -> Stack:
    """Stack an image (H, W), NaN where masked, at positions (n,) in its unmasked pixels.

    radius : (rings,), pixels, from 0. draws : sets of random and of turned positions.
    """
    rows, columns = np.nonzero(np.isfinite(image))
    level = np.nanmean(image)
    random, rotated = [], []
    for _ in range(draws):
        place = rng.integers(0, len(rows), len(y))
        shift = rng.uniform(-0.5, 0.5, (2, len(y)))
        random.append(profile(image, rows[place] + shift[0], columns[place] + shift[1], radius))
        there = _turned(y, x, (rows.mean(), columns.mean()), rng)
        kept = inside(image, *there)
        if kept.any():  # fewer positions scatter more: brought to as many as there are
            around = profile(image, *(part[kept] for part in there), radius)
            rotated.append(level + (around - level) * np.sqrt(kept.sum() / len(y)))
    shape = (-1, len(radius))
    return Stack(radius, profile(image, y, x, radius), len(y), np.array(random), np.reshape(rotated, shape))


def _turned(y, x, middle, rng):
    """Positions turned about a middle, half of the times mirrored, too; by 20° or more: less finds what is there."""
    away = x - middle[1] + 1j * (y - middle[0])
    away = np.conj(away) if rng.random() < 0.5 else away
    away = away * np.exp(1j * np.radians(rng.uniform(20, 340)))
    return middle[0] + away.imag, middle[1] + away.real
