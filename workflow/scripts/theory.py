"""Matter and convergence spectra of the cosmology (CAMB, halofit)."""

from simulations.theory import compute_theory
from workflow.job import job


def theory(*, output, cosmology, source_redshift):
    compute_theory(cosmology, source_redshift).save(output)


with job(snakemake):
    theory(
        output=snakemake.output[0],
        cosmology=snakemake.params.cosmology,
        source_redshift=snakemake.params.source_redshift,
    )
