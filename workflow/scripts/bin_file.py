"""Sum the galaxies of one file of a catalogue in the pixels of its field."""

from pathlib import Path

from lofi.lensing.parts import write_sums
from workflow.job import run


def bin_file(*, plan: Path, shear: Path, options: dict, sums: Path) -> None:
    """`options`: the observation's entry of the configuration."""
    write_sums(sums, plan, shear, options)


if __name__ == "__main__":
    run(snakemake, bin_file)
