"""Map the dark matter of one observation with a trained model."""

from pathlib import Path

from lofi import mapping
from lofi.device import choose
from workflow.job import run


def map_observation(
    *, shear: Path | list[Path], weights: Path, options: dict, maps: Path, figure: Path, threads: int
) -> None:
    """`options`: the observation's entry of the configuration."""
    choose("cpu", threads)
    mapping.map_observation(shear, options, prior=weights.parent, output=maps, figure=figure)


if __name__ == "__main__":
    run(snakemake, map_observation)
