"""Tomographic slices of one shard of a split: simulated, of LoDoPaB-CT, or of a user's own."""

from pathlib import Path

import numpy as np

from lofi.io import hdf5
from simulations.images.ct.brain import WINDOW, heads
from simulations.images.ct.chest import chests
from simulations.images.lodopab import read_lodopab
from simulations.images.slices import read_slices
from workflow.job import run
from workflow.shards import maps_of, shard_record


def slices(*, maps: Path, source: dict, split: dict, shard: str, field: dict, name: list) -> None:
    kind, pixels, numbers = source["kind"], field["pixels"], maps_of(split, shard)
    if kind == "chest":
        images = chests(numbers, pixels, *name)
        description = "simulated chests, a stand-in for LoDoPaB-CT"
    elif kind == "brain":
        anatomy = source.get("anatomy", "simulated")
        images = heads(numbers, pixels, *name, anatomy=anatomy, window=source.get("window", WINDOW))
        drawn = "simulated heads" if anatomy == "simulated" else "simulated scans of the average brain ICBM152"
        description = f"{drawn}, a stand-in for CT scans"
    else:
        chosen = np.linspace(*split["slices"], split["maps"]).round().astype(int)[numbers]  # evenly over the range
        if kind == "lodopab":
            images = read_lodopab(source["folder"], source["part"], chosen, pixels)
            description = "LoDoPaB-CT (Leuschner et al. 2021)"
        else:
            images = read_slices(source["path"], chosen, pixels, source["values"], source.get("clip", False))
            description = f"slices {source['path']}"
    record = shard_record(source, split, numbers, name) | {
        "simulated": kind in ("chest", "brain"),
        "description": description,
    }
    hdf5.write(maps, record, images=images)


if __name__ == "__main__":
    run(snakemake, slices)
