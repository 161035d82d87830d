"""Crops of simulated galaxies or of pictures, for the training and the tests of a denoiser."""

import numpy as np

from lofi.io import hdf5
from simulations.images.dynamic_range import training_crops
from simulations.images.galaxies import galaxies
from simulations.images.pictures import read_pictures
from simulations.images.pictures_cleaning import cleaned
from simulations.seeds import stream
from workflow.job import job


def pictures(*, output, source, split, field, name):
    if source["kind"] == "galaxies":
        images, _ = galaxies(split["images"], source["pixels"], *name, "sky")
        description = "simulated galaxies, a stand-in for IllustrisTNG"
    else:
        first, last = split["pictures"]
        found = read_pictures(source["path"])
        if last >= len(found):
            raise ValueError(f"'{source['path']}' holds {len(found)} pictures, 0 to {len(found) - 1}; asked for {last}")
        images = [cleaned(picture) for picture in found[first : last + 1]]
        description = f"pictures {source['path']}"
    crops = training_crops(images, split["maps"], field["pixels"], stream(*name, "crops"), **field.get("crops", {}))
    record = {
        "source": source,
        "simulated": source["kind"] == "galaxies",
        "description": description,
        "split": split,
        "seed": list(name),
    }
    hdf5.write(output, record, images=crops.astype(np.float32))


with job(snakemake):
    pictures(
        output=snakemake.output[0],
        source=snakemake.params.source,
        split=snakemake.params.split,
        field=snakemake.params.field,
        name=snakemake.params.name,
    )
