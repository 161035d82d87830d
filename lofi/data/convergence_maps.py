"""A folder of convergence maps as fields to train on: their pixel sizes, independent parts, and random cut-outs."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lofi.data.convergence_files import SUFFIXES, checked, map_format, read_array, stated_pixel
from lofi.data.ktng_planes import lens_plane_set, plane_in_name, plane_number
from lofi.data.resampling import averaged
from lofi.io.user_file import guarded
from lofi.seeds import stream

SAME = 0.01  # relative difference of two pixel sizes that count as one


@dataclass(frozen=True)
class ConvergenceMap:
    """kappa : (H, W). pixel_arcmin : the side of its pixels. origin : maps that share structures have the same one."""

    kappa: np.ndarray
    pixel_arcmin: float
    origin: str | int
    name: str

    def check_holds(self, pixels: int, pixel_arcmin: float) -> None:
        """ValueError unless fields of `pixels`² pixels of `pixel_arcmin` can be cut out and averaged."""
        if pixel_arcmin < self.pixel_arcmin * (1 - SAME):
            raise ValueError(
                f"'{self.name}' has pixels of {self.pixel_arcmin:.4g}′, larger than --pixel {pixel_arcmin:g}; give "
                "maps of smaller pixels, or larger pixels"
            )
        sides = [side * self.pixel_arcmin for side in self.kappa.shape]
        if min(sides) < pixels * pixel_arcmin * (1 - SAME):
            raise ValueError(
                f"'{self.name}' spans {sides[0]:.4g}′ × {sides[1]:.4g}′, less than a field ({pixels} pixels of "
                f"{pixel_arcmin:g}′); leave it out, or give a smaller --crop"
            )


def find_maps(folder: str | Path, redshift: float) -> list[Path]:
    """The files of convergence maps below `folder`; FileNotFoundError if there are none.

    Binary κTNG files of other planes than that of sources at `redshift` are passed over.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder '{folder}' with convergence maps")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and map_format(path))
    binary = {path for path in files if map_format(path) == "dat"}
    plane = plane_number(redshift=redshift) if binary else None
    files = [path for path in files if path not in binary or plane_in_name(path) == plane]
    if not files:
        raise FileNotFoundError(
            f"there is no convergence map below '{folder}'; expected {', '.join(SUFFIXES)}"
            + (f", of {len(binary)} binary files one of plane {plane}" if binary else "")
        )
    return files


@guarded
def read_convergence(path: Path, redshift: float, pixel_arcmin: float | None = None) -> ConvergenceMap:
    """One map of sources at `redshift`.

    redshift : chooses the plane of a κTNG file, and must agree with one to 0.005. pixel_arcmin : for files that do not
    state it. Raises ValueError, one sentence, for what is no map, and where the file states another pixel size.
    """
    stated = stated_pixel(path)
    if stated is None and pixel_arcmin is None:
        raise ValueError(f"'{path}' does not say its pixel size; give it as --map-pixel")
    if stated is not None and pixel_arcmin is not None and abs(pixel_arcmin / stated - 1) > SAME:
        raise ValueError(f"'{path}' says that its pixels are {stated:.4g}′, --map-pixel says {pixel_arcmin:g}′")
    plane = plane_number(redshift=redshift) if map_format(path) in ("hdf5", "dat") else 0
    kappa = checked(read_array(path, plane), path)
    if np.ptp(kappa) == 0:
        raise ValueError(f"'{path}' is constant ({kappa.flat[0]:g} everywhere); expected a convergence map")
    # ASSUME: κTNG maps of one lens-plane set share structures, maps of other files do not unless they are copies.
    origin = lens_plane_set(path) or hashlib.sha256(kappa.tobytes()).hexdigest()
    return ConvergenceMap(kappa, pixel_arcmin if stated is None else stated, origin, path.name)


def fields(
    maps: Sequence[Callable[[], ConvergenceMap]], pixels: int, pixel_arcmin: float, count: int, *name: str | int
) -> Iterator[np.ndarray]:
    """`count` random cut-outs (pixels, pixels), float32, averaged to `pixel_arcmin`; spread evenly over the maps.

    Each of `maps` reads one, when its cut-outs are due. Cut-out i is a function of the stream (*name, i). Every map
    must hold a field, in pixels that are not larger.
    """
    reached, chosen = None, None
    for number in range(count):
        index = number * len(maps) // count
        if index != reached:
            chosen = None  # one map in memory at a time
            reached, chosen = index, maps[index]()
        width = pixels * max(pixel_arcmin / chosen.pixel_arcmin, 1.0)
        room = np.maximum(np.array(chosen.kappa.shape) - width, 0.0)
        start = stream(*name, number).random(2) * room
        yield averaged(chosen.kappa, start, min(width, *chosen.kappa.shape), pixels).astype(np.float32)
