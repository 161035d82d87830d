"""One particle-mesh box: initial conditions, evolution, lens planes."""

from lofi.io.atomic import replacing
from simulations.images.nbody.planes import BoxSettings, simulate_box, write_box
from simulations.theory import Theory
from workflow.job import job


def nbody_box(*, theory, output, settings, name):
    with replacing(output) as path:
        write_box(path, simulate_box(Theory.load(theory), BoxSettings(**settings), name))


with job(snakemake):
    nbody_box(
        theory=snakemake.input.theory,
        output=snakemake.output[0],
        settings=snakemake.params.settings,
        name=snakemake.params.name,
    )
