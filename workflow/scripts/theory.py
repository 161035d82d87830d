"""Matter and convergence spectra of the cosmology (CAMB, halofit)."""

from lofi.io.atomic import replacing
from simulations.theory import compute_theory
from workflow.job import job


def theory(*, output, cosmology, source_redshift):
    with replacing(output) as path:
        compute_theory(cosmology, source_redshift).save(path)


with job(snakemake):
    theory(
        output=snakemake.output[0],
        cosmology=snakemake.params.cosmology,
        source_redshift=snakemake.params.source_redshift,
    )
