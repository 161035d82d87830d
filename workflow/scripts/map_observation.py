"""Map the dark matter of one observation with a trained model."""

from collections.abc import Sequence
from pathlib import Path

from lofi import mapping
from lofi.device import choose
from lofi.lensing.parts import Parts
from workflow.job import run


def map_observation(
    *,
    shear: Path | list[Path],
    weights: Path,
    options: dict,
    maps: Path,
    figure: Path,
    threads: int,
    plan: Path | None = None,
    sums: Sequence[str] = (),
) -> None:
    """`options`: the observation's entry of the configuration. `plan`, `sums`: of a catalogue that jobs have binned."""
    choose("cpu", threads)
    parts = None if plan is None else Parts(plan, [Path(path) for path in sums])
    mapping.map_observation(shear, options, prior=weights.parent, output=maps, figure=figure, parts=parts)


if __name__ == "__main__":
    run(snakemake, map_observation)
