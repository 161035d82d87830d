"""Convergence maps of one split, from whichever source the configuration names. Their means are left in."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from lofi.data.ktng_planes import FIELD_DEGREES, MAP_PIXELS, lens_plane_set, plane_number, plane_redshifts
from lofi.data.sights import Sight
from lofi.seeds import stream
from simulations.images.gaussian import GaussianSky
from simulations.images.ktng import find_maps, read_maps
from simulations.images.lognormal import LognormalSky
from simulations.images.nbody.born import draw_map, lens_planes
from simulations.images.nbody.planes import read_box
from simulations.images.nbody.transfer import read_transfers
from simulations.theory import Theory


def nbody_maps(
    files: Mapping,
    boxes: Sequence[int],
    transfers: str | Path,
    theory: Theory,
    shape: tuple[int, int],
    sights: Sequence[Sight],
    numbers: Sequence[int],
    name: Sequence[str | int],
) -> np.ndarray:
    """Maps (N, H, W) of these `numbers`, each drawn from its own of `boxes` (N,), through the transfer functions.

    files : {box: its file}. Each file is read once if the maps of a box follow each other. sights : of each map (N,).
    """
    slab, map_transfer = read_transfers(transfers)
    maps, held, planes = np.empty((len(numbers), *shape), np.float32), None, None
    for place, (number, box, sight) in enumerate(zip(numbers, boxes, sights, strict=True)):
        if box != held:
            held, planes = box, lens_planes(read_box(files[box]), slab)
        seen = planes.towards(float(theory.comoving_distance(sight.redshift)))
        kappa = draw_map(seen, shape, sight.pixel_arcmin, stream(*name, "map", number))
        maps[place] = map_transfer(kappa, sight.pixel_arcmin, sight.redshift)
    return maps


def analytic_maps(
    kind: str,
    theory: Theory,
    shape: tuple[int, int],
    pixel_arcmin: float,
    numbers: Sequence[int],
    name: Sequence[str | int],
) -> np.ndarray:
    """Periodic `lognormal` or `gaussian` maps (N, H, W) of these `numbers`."""
    sky = {"lognormal": LognormalSky, "gaussian": GaussianSky}[kind](theory, shape, pixel_arcmin)
    return np.stack([sky.draw(stream(*name, "map", number)) for number in numbers])


def ktng_maps(
    source: Mapping,
    planes: tuple[int, int],
    pixels: int,
    pixel_arcmin: float,
    source_redshift: float,
    numbers: Sequence[int],
    count: int,
) -> tuple[np.ndarray, list[int]]:
    """Maps of these `numbers` of the first `count` κTNG files of the lens-plane sets `planes`, (first, last), by path.

    Returns maps (N, pixels, pixels) and the lens-plane set (N,) of each (0 where the path does not say). Refuses a
    field or a source redshift that is not the files' own.
    """
    plane = plane_number(number=source.get("plane"), redshift=source.get("redshift"))
    redshift = plane_redshifts()[plane - 1]
    if abs(redshift - source_redshift) > 0.005:
        raise ValueError(f"κTNG plane {plane} is at redshift {redshift:.4f}, but source_redshift is {source_redshift}")
    method = source.get("pixelisation", "area_average")
    extent = FIELD_DEGREES * 60 * (1 if method == "area_average" else pixels / MAP_PIXELS)
    if abs(pixel_arcmin * pixels / extent - 1) > 1e-3:
        raise ValueError(
            f"κTNG maps of {pixels} pixels by {method} span {extent:g}′, but field.extent_arcmin is "
            f"{pixel_arcmin * pixels:g}"
        )
    paths = find_maps(source["folder"], plane, planes)
    if len(paths) < count:
        raise ValueError(f"{source['folder']} holds {len(paths)} maps of plane {plane}; the split asks for {count}")
    chosen = [paths[number] for number in numbers]
    maps = np.stack(list(read_maps(chosen, plane, pixels, method, mean="keep")))
    return maps, [lens_plane_set(path) or 0 for path in chosen]
