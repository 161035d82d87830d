"""The Wiener-filtered convergence of a masked survey of varying depth, as coefficients."""

from pathlib import Path

from lofi.io import hdf5
from lofi.lensing.shear_file import open_shear
from lofi.sphere.channels import spectrum_of
from lofi.sphere.filters import wiener as wiener_filter
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.shear_map import read_shear
from workflow.job import run


def sphere_wiener(*, sky: Path, shear: Path, wiener: Path, threads: int) -> None:
    record, *_ = hdf5.read(sky)
    observed = read_shear(open_shear(shear))
    harmonics = Harmonics(observed.nside, threads=threads)
    power = spectrum_of(record["spectrum"], harmonics.lmax)
    hdf5.write(wiener, record, kappa=wiener_filter(harmonics, observed.gamma, observed.noise_std, power))


if __name__ == "__main__":
    run(snakemake, sphere_wiener)
