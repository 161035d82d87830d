"""The true convergence of one sky, log-normal or of N-body boxes, as coefficients."""

from pathlib import Path

from lofi.io import hdf5
from lofi.seeds import stream
from lofi.sphere.channels import tabulated
from lofi.sphere.harmonics import Harmonics
from simulations.sphere.lognormal import LognormalSphere
from simulations.sphere.particles import read_particles
from simulations.sphere.shells import ShellSphere
from simulations.theory import Theory
from workflow.job import run


def sphere_sky(
    *, theory: Path, particles: list[Path], sky: Path, nside: int, source: dict, name: list, threads: int
) -> None:
    spectra, harmonics = Theory.load(theory), Harmonics(nside, threads=threads)
    if source["kind"] == "nbody":
        boxes = [read_particles(path) for path in particles]
        skies = ShellSphere(spectra, harmonics, boxes, source.get("mirrored", False))
        description = "sky of N-body boxes, Born approximation"
    else:
        skies = LognormalSphere(spectra, harmonics)
        description = "lognormal sky, a stand-in for ray-traced simulations"
    record = {
        "simulated": True,
        "description": description,
        "nside": nside,
        "spectrum": tabulated(skies.power),
        "seed": list(name),
    }
    hdf5.write(sky, record, kappa=skies.draw(stream(*name, "sky")))


if __name__ == "__main__":
    run(snakemake, sphere_sky)
