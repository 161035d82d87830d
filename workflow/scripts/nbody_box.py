"""One particle-mesh box: initial conditions, evolution, lens planes."""

from pathlib import Path

from lofi.io.atomic import replacing
from simulations.images.nbody.planes import BoxSettings, simulate_box, write_box
from simulations.theory import Theory
from workflow.job import run


def nbody_box(*, theory: Path, planes: Path, settings: dict, name: list) -> None:
    with replacing(planes) as path:
        write_box(path, simulate_box(Theory.load(theory), BoxSettings(**settings), name))


if __name__ == "__main__":
    run(snakemake, nbody_box)
