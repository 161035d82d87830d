"""Simulate the visibilities of an inversion: its skies, its coverage, its noise."""

from simulations.radio_observation import write_observation
from simulations.visibilities import simulate_visibilities
from workflow.job import job


def visibilities(*, output, inversion, name, seed):
    """`name`: of the noise's random stream; `seed`: of the skies'."""
    write_observation(output, simulate_visibilities(inversion, name, seed))


with job(snakemake):
    visibilities(
        output=snakemake.output[0],
        inversion=snakemake.params.inversion,
        name=snakemake.params.name,
        seed=snakemake.params.seed,
    )
