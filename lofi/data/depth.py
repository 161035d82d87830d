"""Noise maps of surveys: varying depth, bright-star holes, footprint edges."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Depth:
    """How the noise level of simulated observations varies; the default is one complete field of nominal depth.

    Attributes
    ----------
    relative_noise : (low, high), noise level over the nominal one, log-uniform per map.
    nominal_fraction : fraction of the maps left at nominal depth, complete.
    gradient : largest log-amplitude of a smooth variation of depth across the field.
    holes : (fewest, most) circular holes per map.
    hole_radius : (smallest, largest) in pixels.
    footprint_fraction : fraction of the varied maps that also lose everything outside a random rectangle.
    """

    relative_noise: tuple = (1.0, 1.0)
    nominal_fraction: float = 1.0
    gradient: float = 0.0
    holes: tuple = (0, 0)
    hole_radius: tuple = (1.0, 4.0)
    footprint_fraction: float = 0.0

    def __post_init__(self):
        if not self.relative_noise[0] > 0:
            raise ValueError(f"depth: relative_noise is {list(self.relative_noise)}; expected numbers above 0")
        for name in ("relative_noise", "holes", "hole_radius"):
            low, high = getattr(self, name)
            if not 0 <= low <= high:
                raise ValueError(f"depth: {name} is {[low, high]}; expected 0 ≤ low ≤ high")
        for name in ("nominal_fraction", "footprint_fraction"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"depth: {name} is {getattr(self, name)}; expected a fraction from 0 to 1")

    def noise_map(self, nominal: float, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        """Noise standard deviation per shear component, (H, W), `inf` where masked."""
        noise = np.full(shape, float(nominal))
        if rng.random() < self.nominal_fraction:
            return noise
        noise *= np.exp(rng.uniform(*np.log(self.relative_noise)))
        y, x = np.mgrid[: shape[0], : shape[1]] / max(shape) - 0.5
        phase, angle = rng.uniform(0, 2 * np.pi, 2)
        amplitude = rng.uniform(0, self.gradient)
        noise *= np.exp(amplitude * np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) + phase))
        for _ in range(rng.integers(self.holes[0], self.holes[1] + 1)):
            centre = rng.uniform(0, shape)
            radius = rng.uniform(*self.hole_radius)
            rows, columns = np.ogrid[: shape[0], : shape[1]]
            noise[(rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < radius**2] = np.inf
        if rng.random() < self.footprint_fraction:
            noise[~_rectangle(shape, rng)] = np.inf
        return noise


def _rectangle(shape, rng):
    inside = np.zeros(shape, dtype=bool)
    spans = []
    for size in shape:
        width = rng.uniform(0.25, 0.9) * size
        start = rng.uniform(0, size - width)
        spans.append(slice(int(start), int(start + width)))
    inside[tuple(spans)] = True
    return inside
