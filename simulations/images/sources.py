"""Convergence maps of one split, from whichever source the configuration names. Their means are left in."""

import numpy as np

from simulations.images.gaussian import GaussianSky
from simulations.images.ktng import (
    FIELD_DEGREES,
    MAP_PIXELS,
    find_maps,
    lens_plane_set,
    plane_number,
    plane_redshifts,
    read_maps,
)
from simulations.images.lognormal import LognormalSky
from simulations.images.nbody.born import draw_map, lens_planes
from simulations.images.nbody.planes import read_box
from simulations.images.nbody.transfer import read_transfers
from simulations.seeds import stream


def nbody_maps(boxes, numbers, transfers, shape, pixel_arcmin, count, name):
    """`count` maps spread evenly over box files, through the transfer functions.

    Returns maps (N, H, W) and the number (N,) of the box that each was drawn from.
    """
    slab, map_transfer = read_transfers(transfers)
    index = np.arange(count) * len(boxes) // count
    maps = []
    for place, path in enumerate(boxes):
        planes = lens_planes(read_box(path), slab)
        chosen = np.flatnonzero(index == place)
        drawn = [draw_map(planes, shape, pixel_arcmin, stream(*name, "map", i)) for i in chosen]
        if drawn:
            maps.append(map_transfer(np.stack(drawn), pixel_arcmin))
    return np.concatenate(maps), np.asarray(numbers)[index]


def analytic_maps(kind, theory, shape, pixel_arcmin, count, name):
    """`count` periodic `lognormal` or `gaussian` maps (N, H, W), and zeros (N,) for their box."""
    sky = {"lognormal": LognormalSky, "gaussian": GaussianSky}[kind](theory, shape, pixel_arcmin)
    return np.stack([sky.draw(stream(*name, "map", i)) for i in range(count)]), np.zeros(count, dtype=int)


def ktng_maps(source, planes, pixels, pixel_arcmin, source_redshift, count):
    """The first `count` maps of the user's κTNG files within the lens-plane sets `planes`, (first, last).

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
    maps = np.stack(list(read_maps(paths[:count], plane, pixels, method, mean="keep")))
    return maps, np.array([lens_plane_set(path) or 0 for path in paths[:count]])
