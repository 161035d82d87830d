"""Maps of the sphere at and around positions, as `lofi.lensing.stacking` takes them."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import healpy as hp
import numpy as np

from lofi.lensing.stacking import circle, of_seen, random_turn
from lofi.sphere.pixels import pixel_arcmin
from lofi.sphere.tiles import local_axes

FINER = 1024  # times as many parts along the side of a pixel, of which random places are the centres


@dataclass(frozen=True)
class SphereImage:
    """A map of the sphere, as `lofi.lensing.stacking.MapImage`; a place is a unit vector.

    Attributes
    ----------
    values : (12 nside²,), RING, NaN where masked.
    side_arcmin : 180°, the largest distance on the sphere.
    """

    values: np.ndarray
    side_arcmin: ClassVar[float] = 180 * 60.0

    @cached_property
    def level(self) -> float:
        return float(np.nanmean(self.values))

    @cached_property
    def _seen(self):
        """Numbers of the unmasked pixels."""
        return np.flatnonzero(np.isfinite(self.values))

    @cached_property
    def _middle(self):
        """Unit vector to the middle of what is seen; to the pole where that is the whole sky."""
        mean = np.mean(hp.pix2vec(self.nside, self._seen), axis=1)
        length = np.linalg.norm(mean)
        return mean / length if length > 1e-6 else np.array([0.0, 0.0, 1.0])

    @property
    def nside(self) -> int:
        return hp.npix2nside(len(self.values))

    def inside(self, places: np.ndarray) -> np.ndarray:
        return np.isfinite(self.values[hp.vec2pix(self.nside, *places.T)])

    def around(self, places: np.ndarray, radius: float) -> np.ndarray:
        angle, away = circle(radius / pixel_arcmin(self.nside)), np.radians(radius / 60)
        west, north = (axis[:, None] for axis in local_axes(places))
        towards = np.cos(angle)[:, None] * north + np.sin(angle)[:, None] * west
        points = np.cos(away) * places[:, None] + np.sin(away) * towards
        return self._interpolated(points.reshape(-1, 3)).reshape(len(places), len(angle))

    def _interpolated(self, points):
        """The map at unit vectors (n, 3), bilinear between the unmasked of the four pixels around; NaN elsewhere."""
        pixels, weights = hp.get_interp_weights(self.nside, *hp.vec2dir(points.T))
        values = self.values[pixels]
        seen = np.isfinite(values)
        return of_seen((weights * np.where(seen, values, 0.0)).sum(axis=0), (weights * seen).sum(axis=0))

    def random(self, count: int, rng: np.random.Generator) -> np.ndarray:
        pixel = hp.ring2nest(self.nside, self._seen[rng.integers(0, len(self._seen), count)])
        finer = min(FINER, hp.order2nside(29) // self.nside)
        part = pixel * finer**2 + rng.integers(0, finer**2, count)
        return np.stack(hp.pix2vec(self.nside * finer, part, nest=True), axis=-1)

    def turned(self, places: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        west, north = (axis[0] for axis in local_axes(self._middle[None]))
        mirrored, angle = random_turn(rng)
        along = places @ np.stack([west, north, self._middle], axis=1)
        away = along[:, 0] + 1j * along[:, 1]
        away = (np.conj(away) if mirrored else away) * np.exp(1j * angle)
        return np.stack([away.real, away.imag, along[:, 2]], axis=1) @ np.stack([west, north, self._middle])
