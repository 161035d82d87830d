"""One particle-mesh box: initial conditions, evolution, the particles of each snapshot."""

from pathlib import Path

from simulations.images.nbody.planes import BoxSettings
from simulations.sphere.particles import simulate_particles, write_particles
from simulations.theory import Theory
from workflow.job import run


def nbody_particles(*, theory: Path, particles: Path, settings: dict, name: list) -> None:
    box = BoxSettings(**settings)
    write_particles(particles, simulate_particles(Theory.load(theory), box, name), box, name)


if __name__ == "__main__":
    run(snakemake, nbody_particles)
