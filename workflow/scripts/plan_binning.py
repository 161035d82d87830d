"""Check and calibrate a catalogue of several files, and lay out the field in which each is binned by a job."""

from pathlib import Path

from lofi.lensing.parts import write_plan
from lofi.priors.record import read_record
from workflow.job import run


def plan_binning(*, shear: list[Path], weights: Path, options: dict, plan: Path) -> None:
    """`options`: the observation's entry of the configuration."""
    write_plan(plan, shear, options, read_record(weights.parent)["data"]["pixel_arcmin"])


if __name__ == "__main__":
    run(snakemake, plan_binning)
