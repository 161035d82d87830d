"""Observed channels and truths of one shard of a split."""

from pathlib import Path

from lofi.data.sights import each_sight
from lofi.io import hdf5
from simulations.tasks import observation_of
from workflow.job import run


def observe(*, maps: Path, data: Path, experiment: dict, depth: dict, name: list) -> None:
    record, images = hdf5.read(maps, "images")
    observation = observation_of(experiment, depth)
    first, total = record["shard"]["images"]
    observed, truth = observation.observe_all(images, *name, "noise", first=first, each=each_sight(record))
    rows = [first * len(truth) // len(images), total * len(truth) // len(images)]  # an image may have several levels
    record |= {
        "channels": list(observation.channels),
        "observation": experiment["observation"],
        "noise_seed": list(name),
        "shard": {"observed": rows, "truth": rows},
    }
    hdf5.write(data, record, observed=observed, truth=truth)


if __name__ == "__main__":
    run(snakemake, observe)
