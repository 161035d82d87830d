"""Convergence maps of one split, from whichever source the configuration names."""

import numpy as np

from simulations.images.gaussian import GaussianSky
from simulations.images.ktng import find_maps, plane_number, read_maps
from simulations.images.lognormal import LognormalSky
from simulations.images.nbody.born import draw_map, lens_planes
from simulations.images.nbody.planes import read_box
from simulations.images.nbody.transfer import read_transfers
from simulations.seeds import stream


def nbody_maps(boxes, transfers, shape, pixel_arcmin, count, name):
    """`count` maps spread evenly over box files, through the transfer functions: maps (N, H, W), box index (N,)."""
    slab, map_transfer = read_transfers(transfers)
    index = np.arange(count) * len(boxes) // count
    maps = []
    for number, path in enumerate(boxes):
        planes = lens_planes(read_box(path), slab)
        chosen = np.flatnonzero(index == number)
        drawn = [draw_map(planes, shape, pixel_arcmin, stream(*name, "map", i)) for i in chosen]
        if drawn:
            maps.append(map_transfer(np.stack(drawn), pixel_arcmin))
    return np.concatenate(maps), index


def analytic_maps(kind, theory, shape, pixel_arcmin, count, name):
    """`count` periodic `lognormal` or `gaussian` maps: maps (N, H, W), box index 0."""
    sky = {"lognormal": LognormalSky, "gaussian": GaussianSky}[kind](theory, shape, pixel_arcmin)
    return np.stack([sky.draw(stream(*name, "map", i)) for i in range(count)]), np.zeros(count, dtype=int)


def ktng_maps(source, lens_planes, shape, count):
    """The first `count` maps of the user's κTNG files: maps (N, H, W), box index 0."""
    plane = plane_number(number=source.get("plane"), redshift=source.get("redshift"))
    paths = find_maps(source["folder"], plane, lens_planes)
    if len(paths) < count:
        raise ValueError(f"{source['folder']} holds {len(paths)} maps of plane {plane}; the split asks for {count}")
    method = source.get("pixelisation", "area_average")
    return np.stack(list(read_maps(paths[:count], plane, shape[0], method))), np.zeros(count, dtype=int)
