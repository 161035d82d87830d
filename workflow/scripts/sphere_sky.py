"""The true convergence of one lognormal sky, as coefficients."""

from pathlib import Path

from lofi.io import hdf5
from lofi.seeds import stream
from lofi.sphere.channels import tabulated
from lofi.sphere.harmonics import Harmonics
from simulations.sphere.lognormal import LognormalSphere
from simulations.theory import Theory
from workflow.job import run


def sphere_sky(*, theory: Path, sky: Path, nside: int, name: list, threads: int) -> None:
    lognormal = LognormalSphere(Theory.load(theory), Harmonics(nside, threads=threads))
    record = {
        "simulated": True,
        "description": "lognormal sky, a stand-in for ray-traced simulations",
        "nside": nside,
        "spectrum": tabulated(lognormal.power),
        "seed": list(name),
    }
    hdf5.write(sky, record, kappa=lognormal.draw(stream(*name, "sky")))


if __name__ == "__main__":
    run(snakemake, sphere_sky)
