"""A part of the tiles of a sky, mapped with a local field."""

from pathlib import Path

import numpy as np

from lofi.device import choose
from lofi.io import hdf5
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.mapping import corrections, load_sphere_model, tiling_of
from workflow.job import run
from workflow.shards import bounds


def sphere_tiles(
    *, channels: Path, weights: Path, tiles: Path, tile_nside: int, part: int, parts: int, device: str, threads: int
) -> None:
    device = choose(device, threads)
    observed, alms, seen = hdf5.read(channels, "channels", "seen")
    nside = observed["nside"]
    model, record = load_sphere_model(weights.parent, nside)
    model.to(device)
    tiling = tiling_of(model, record, nside, tile_nside)
    numbers = range(*bounds(len(tiling), parts, part))
    nothing = np.empty(0, dtype=int), np.empty(0, dtype=np.float32)  # where all of the part is masked
    corrected = [nothing, *corrections(model, Harmonics(nside, threads=threads), alms, tiling, seen, numbers, device)]
    pixels, values = (np.concatenate(values) for values in zip(*corrected, strict=True))
    tile_record = {
        "nside": nside,
        "tiles": [numbers.start, numbers.stop],
        "model": record["model"],
        "seed": record["seed"],
    }
    hdf5.write(tiles, tile_record, pixels=pixels, values=values)


if __name__ == "__main__":
    run(snakemake, sphere_tiles)
