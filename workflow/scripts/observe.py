"""Observed channels and truths of one shard of a split."""

from lofi.io import hdf5
from simulations.tasks import observation_of
from workflow.job import job


def observe(*, maps, output, experiment, depth, name):
    record, images = hdf5.read(maps, "images")
    observation = observation_of(experiment, depth)
    first, total = record["shard"]["images"]
    observed, truth = observation.observe_all(images, *name, "noise", first=first)
    rows = [first * len(truth) // len(images), total * len(truth) // len(images)]  # an image may have several levels
    record |= {
        "channels": list(observation.channels),
        "observation": experiment["observation"],
        "noise_seed": list(name),
        "shard": {"observed": rows, "truth": rows},
    }
    hdf5.write(output, record, observed=observed, truth=truth)


with job(snakemake):
    observe(
        maps=snakemake.input[0],
        output=snakemake.output[0],
        experiment=snakemake.params.experiment,
        depth=snakemake.params.depth,
        name=snakemake.params.name,
    )
