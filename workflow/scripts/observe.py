"""Observed channels and truths of one split."""

from lofi.io import hdf5
from simulations.tasks import observation_of
from workflow.job import job


def observe(*, maps, output, experiment, depth, name):
    record, images = hdf5.read(maps, "images")
    observation = observation_of(experiment, depth)
    observed, truth = observation.observe_all(images, *name, "noise")
    record |= {
        "channels": list(observation.channels),
        "observation": experiment["observation"],
        "noise_seed": list(name),
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
