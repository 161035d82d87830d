"""Matter and convergence spectra of the cosmology (CAMB, halofit)."""

from pathlib import Path

from lofi.io.atomic import replacing
from simulations.theory import compute_theory
from workflow.job import run


def theory(*, spectra: Path, cosmology: dict, source_redshift: float) -> None:
    with replacing(spectra) as path:
        compute_theory(cosmology, source_redshift).save(path)


if __name__ == "__main__":
    run(snakemake, theory)
