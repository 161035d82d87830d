"""The Wiener-filtered convergence of a masked survey of varying depth, as coefficients."""

from lofi.io import hdf5
from lofi.lensing.shear_file import open_shear
from lofi.sphere.channels import spectrum_of
from lofi.sphere.filters import wiener
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.shear_map import read_shear
from workflow.job import job


def filtered(*, sky, shear, output, threads):
    record, *_ = hdf5.read(sky)
    observed = read_shear(open_shear(shear))
    harmonics = Harmonics(observed.nside, threads=threads)
    power = spectrum_of(record["spectrum"], harmonics.lmax)
    hdf5.write(output, record, kappa=wiener(harmonics, observed.gamma, observed.noise_std, power))


with job(snakemake):
    filtered(
        sky=snakemake.input.sky, shear=snakemake.input.shear, output=snakemake.output[0], threads=snakemake.threads
    )
