"""Crops of simulated galaxies, pictures of the sky or photographs: one shard of a split of denoising or warping."""

from pathlib import Path

from lofi.data.crops import training_crops
from lofi.data.pictures import read_pictures
from lofi.data.pictures_cleaning import cleaned
from lofi.io import hdf5
from simulations.images.galaxies import galaxies
from simulations.images.on_demand import OnDemand
from simulations.images.photographs import numbered, read_grey
from workflow.job import run
from workflow.shards import maps_of, shard_record


def pictures(*, maps: Path, source: dict, split: dict, shard: str, field: dict, name: list) -> None:
    if source["kind"] == "galaxies":
        images = galaxies(split["images"], source["pixels"], *name, "sky")
        description = "simulated galaxies, a stand-in for IllustrisTNG"
    elif source["kind"] == "photographs":
        files = numbered(split["pictures"], source.get("path"), source.get("names"))
        images = OnDemand(len(files), lambda i: read_grey(files[i]))
        description = f"photographs {source.get('path', 'of scikit-image and matplotlib')}"
    else:
        first, last = split["pictures"]
        found = read_pictures(source["path"])
        if last >= len(found):
            raise ValueError(f"'{source['path']}' holds {len(found)} pictures, 0 to {len(found) - 1}; asked for {last}")
        images = OnDemand(last + 1 - first, lambda i: cleaned(found[first + i]))
        description = f"pictures {source['path']}"
    numbers, options = maps_of(split, shard), field.get("crops", {})
    crops = training_crops(images, numbers, split["maps"], field["pixels"], *name, "crop", **options)
    record = shard_record(source, split, numbers, name) | {
        "simulated": source["kind"] == "galaxies",
        "description": description,
    }
    hdf5.write(maps, record, images=crops)


if __name__ == "__main__":
    run(snakemake, pictures)
