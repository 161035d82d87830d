"""The true convergence of one lognormal sky, as coefficients."""

from lofi.io import hdf5
from lofi.seeds import stream
from lofi.sphere.channels import tabulated
from lofi.sphere.harmonics import Harmonics
from simulations.sphere.lognormal import LognormalSphere
from simulations.theory import Theory
from workflow.job import job


def sky(*, theory, output, nside, name, threads):
    lognormal = LognormalSphere(Theory.load(theory), Harmonics(nside, threads=threads))
    record = {
        "simulated": True,
        "description": "lognormal sky, a stand-in for ray-traced simulations",
        "nside": nside,
        "spectrum": tabulated(lognormal.power),
        "seed": list(name),
    }
    hdf5.write(output, record, kappa=lognormal.draw(stream(*name, "sky")))


with job(snakemake):
    sky(
        theory=snakemake.input.theory,
        output=snakemake.output[0],
        nside=snakemake.params.nside,
        name=snakemake.params.name,
        threads=snakemake.threads,
    )
