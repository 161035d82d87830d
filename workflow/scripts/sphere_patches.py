"""Patches of a survey of the sphere, observed and true: one shard of a split to train on."""

from pathlib import Path

import numpy as np

from lofi.io import hdf5
from lofi.seeds import stream
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.pixels import pixel_arcmin
from simulations.sphere.observation import patch_planes, patches
from workflow.job import run
from workflow.shards import maps_of, shard_record


def sphere_patches(
    *, sky: Path, channels: Path, data: Path, split: dict, shard: str, pixels: int, name: list, threads: int
) -> None:
    record, kappa = hdf5.read(sky, "kappa")
    observed, alms, seen = hdf5.read(channels, "channels", "seen")
    nside, numbers = record["nside"], maps_of(split, shard)
    centres = np.flatnonzero(seen)
    planes = [patch_planes(1, pixels, nside, centres, stream(*name, "patch", number))[0] for number in numbers]
    harmonics = Harmonics(nside, threads=threads)
    both = patches(harmonics, np.concatenate([alms, kappa[None]]), planes)
    record |= shard_record({"kind": "sphere"}, split, numbers, name) | {"channels": observed["channels"]}
    rows = [numbers.start, split["maps"]]
    record |= {"pixel_arcmin": pixel_arcmin(nside), "shard": {"observed": rows, "truth": rows}}
    hdf5.write(data, record, observed=both[:, :-1], truth=both[:, -1:])


if __name__ == "__main__":
    run(snakemake, sphere_patches)
