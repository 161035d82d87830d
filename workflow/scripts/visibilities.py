"""Simulate the visibilities of an inversion: its skies, its coverage, its noise."""

from pathlib import Path

from simulations.radio_observation import write_observation
from simulations.visibilities import simulate_visibilities
from workflow.job import run


def visibilities(*, observation: Path, inversion: dict, name: list, seed: str) -> None:
    """`name`: of the noise's random stream; `seed`: of the skies'."""
    write_observation(observation, simulate_visibilities(inversion, name, seed))


if __name__ == "__main__":
    run(snakemake, visibilities)
