"""Tiles of the sphere: small planes in which maps are known, around the pixels that a tile answers for.

The core of a tile is one pixel of a coarse HEALPix grid, so that cores cover the sphere once. Around it the maps are
evaluated on a square grid of the tangent plane in stereographic projection, wide enough for the patches of the core's
outermost pixels. What is read there is laid out in each pixel's own frame (`frames`), West and North and a fixed length
on the sky: neither the tile's orientation nor its distortion reaches the result, and so no seam.
"""

from dataclasses import dataclass
from functools import cached_property

import healpy as hp
import numpy as np

from lofi.sphere.harmonics import check_nside

MARGIN = 3  # grid pixels beyond the outermost sample of a patch: bicubic interpolation, and distortion


@dataclass(frozen=True)
class Plane:
    """A square grid in the stereographic projection about a direction.

    Attributes
    ----------
    centre : unit vector (3,).
    step : pixel of the grid at the centre [radians].
    shape : (H, W).
    origin : (column, row) of `centre`, from 0.
    roll : angle [radians] by which the columns are turned from West towards North.
    """

    centre: np.ndarray
    step: float
    shape: tuple = (1, 1)
    origin: tuple = (0.0, 0.0)
    roll: float = 0.0

    @cached_property
    def axes(self) -> np.ndarray:
        """Unit vectors (2, 3) of the directions in which columns and rows run, at the centre."""
        west, north = local_axes(self.centre[None])
        cosine, sine = np.cos(self.roll), np.sin(self.roll)
        return np.stack([cosine * west[0] + sine * north[0], cosine * north[0] - sine * west[0]])

    def coordinates(self, vectors: np.ndarray) -> np.ndarray:
        """(column, row) (P, 2) of unit vectors (P, 3): `2 p·e / (1 + p·c)` in units of the step."""
        scale = 2.0 / (1.0 + vectors @ self.centre) / self.step
        return scale[:, None] * (vectors @ self.axes.T) + np.asarray(self.origin)

    def frames(self, vectors: np.ndarray, length: float) -> np.ndarray:
        """Matrices (P, 2, 2) from offsets (West, North), in units of `length` [radians] on the sky, to grid pixels."""
        away = 1.0 + vectors @ self.centre
        frames = np.empty((len(vectors), 2, 2))
        for column, tangent in enumerate(local_axes(vectors)):
            change = tangent @ self.axes.T * away[:, None] - (vectors @ self.axes.T) * (tangent @ self.centre)[:, None]
            frames[:, :, column] = 2.0 * change / away[:, None] ** 2 * (length / self.step)
        return frames

    def directions(self) -> np.ndarray:
        """Unit vectors (H·W, 3) of the grid, row by row."""
        rows, columns = np.mgrid[: self.shape[0], : self.shape[1]]
        plane = (np.stack([columns, rows], axis=-1).reshape(-1, 2) - np.asarray(self.origin)) * (self.step / 2.0)
        squared = (plane**2).sum(axis=1, keepdims=True)
        return (2.0 * plane @ self.axes + (1.0 - squared) * self.centre) / (1.0 + squared)


def local_axes(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors (P, 3) towards West and towards North at unit vectors (P, 3); at a pole as at longitude 0."""
    x, y, z = vectors.T
    longitude, distance = np.arctan2(y, x), np.hypot(x, y)
    cosine, sine = np.cos(longitude), np.sin(longitude)
    west = np.stack([sine, -cosine, np.zeros_like(x)], axis=1)
    return west, np.stack([-z * cosine, -z * sine, distance], axis=1)


@dataclass(frozen=True)
class Tile:
    """Pixels, a plane that reaches beyond them, and where they lie in it.

    Attributes
    ----------
    pixels : indices (P,), RING order.
    plane : `Plane`.
    coordinates, frames : (P, 2) and (P, 2, 2) of the pixels (`Plane`).
    """

    pixels: np.ndarray
    plane: Plane
    coordinates: np.ndarray
    frames: np.ndarray


@dataclass(frozen=True)
class Tiling:
    """Tiles that cover the sphere.

    Attributes
    ----------
    nside : of the map.
    tile_nside : of the grid of cores, 12 tile_nside² tiles; as large as `nside` or smaller.
    reach : how far a patch extends from its centre, in pixels of `length`.
    length : the network's pixel [radians].
    oversampling : grid pixels per network pixel.
    """

    nside: int
    tile_nside: int
    reach: float
    length: float
    oversampling: float = 2.0

    def __post_init__(self):
        check_nside(self.tile_nside, "tile_nside")
        if self.tile_nside > self.nside:
            raise ValueError(f"tile_nside is {self.tile_nside}, more than that of the map, {self.nside}")
        if self.tile_nside < 4:
            raise ValueError(f"tile_nside is {self.tile_nside}; expected at least 4, tiles of less than 20 degrees")

    def __len__(self) -> int:
        return 12 * self.tile_nside**2

    def tile(self, number: int, seen: np.ndarray | None = None) -> Tile | None:
        """The tile of this number, of its pixels those that are `seen` (bool (12 nside²,)); None if there are none."""
        count = (self.nside // self.tile_nside) ** 2
        pixels = hp.nest2ring(self.nside, np.arange(number * count, (number + 1) * count))
        if seen is not None:
            pixels = pixels[seen[pixels]]
        if not len(pixels):
            return None
        centre = np.array(hp.pix2vec(self.tile_nside, number, nest=True))
        step = self.length / self.oversampling
        loose = Plane(centre, step, roll=np.pi / 4)  # the cores are diamonds
        vectors = np.stack(hp.pix2vec(self.nside, pixels), axis=-1)
        return around(pixels, vectors, loose, self.length, self.reach * self.oversampling + MARGIN)


def around(pixels: np.ndarray, vectors: np.ndarray, plane: Plane, length: float, margin: float) -> Tile:
    """The `Tile` of `pixels` at unit vectors (P, 3): `plane`, shifted and cut to them with `margin` grid pixels."""
    free = plane.coordinates(vectors)
    low, high = np.floor(free.min(axis=0) - margin), np.ceil(free.max(axis=0) + margin)
    columns, rows = (high - low + 1).astype(int)
    fitted = Plane(
        plane.centre, plane.step, (int(rows), int(columns)), tuple(np.asarray(plane.origin) - low), plane.roll
    )
    return Tile(pixels, fitted, free - low, fitted.frames(vectors, length))
