"""Shear, noise and Kaiser–Squires maps of one split."""

import numpy as np

from lofi.io import hdf5
from simulations.observation import CHANNELS, lensing_observation
from simulations.seeds import stream
from workflow.job import job


def observe(*, maps, output, observation, depth, name):
    record, kappa, box = hdf5.read(maps, "kappa", "box")
    observe_one = lensing_observation(observation, record["pixel_arcmin"], depth)
    pairs = [observe_one.observe(kappa[i], stream(*name, "noise", i)) for i in range(len(kappa))]
    observed, truth = (np.stack(part) for part in zip(*pairs, strict=True))
    record |= {
        "channels": list(CHANNELS),
        "observation": observation,
        "noise_std": observe_one.noise_std,
        "noise_seed": list(name),
    }
    hdf5.write(output, record, observed=observed, truth=truth, box=box)


with job(snakemake):
    observe(
        maps=snakemake.input[0],
        output=snakemake.output[0],
        observation=snakemake.params.observation,
        depth=snakemake.params.depth,
        name=snakemake.params.name,
    )
