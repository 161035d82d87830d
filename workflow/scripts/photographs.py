"""Photographs of one shard of a split."""

import numpy as np

from lofi.io import hdf5
from simulations.images.photographs import numbered, read_photograph
from workflow.job import job
from workflow.shards import maps_of, shard_record


def photographs(*, output, source, split, shard, field, name):
    files, numbers = numbered(split["pictures"], source.get("path"), source.get("names")), maps_of(split, shard)
    chosen = [files[number] for number in numbers]
    images = np.stack([read_photograph(path, field["pixels"]) for path in chosen])
    origin = source.get("path", "of scikit-image and matplotlib")
    record = shard_record(source, split, numbers, name) | {"simulated": False, "description": f"photographs {origin}"}
    hdf5.write(output, record, images=images)


with job(snakemake):
    photographs(
        output=snakemake.output[0],
        source=snakemake.params.source,
        split=snakemake.params.split,
        shard=snakemake.wildcards.shard,
        field=snakemake.params.field,
        name=snakemake.params.name,
    )
