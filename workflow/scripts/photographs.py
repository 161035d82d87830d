"""Photographs of one shard of a split."""

from pathlib import Path

import numpy as np

from lofi.io import hdf5
from simulations.images.photographs import numbered, read_photograph
from workflow.job import run
from workflow.shards import maps_of, shard_record


def photographs(*, maps: Path, source: dict, split: dict, shard: str, field: dict, name: list) -> None:
    files, numbers = numbered(split["pictures"], source.get("path"), source.get("names")), maps_of(split, shard)
    chosen = [files[number] for number in numbers]
    images = np.stack([read_photograph(path, field["pixels"]) for path in chosen])
    origin = source.get("path", "of scikit-image and matplotlib")
    record = shard_record(source, split, numbers, name) | {"simulated": False, "description": f"photographs {origin}"}
    hdf5.write(maps, record, images=images)


if __name__ == "__main__":
    run(snakemake, photographs)
