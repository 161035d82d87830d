"""The shear map of a simulated survey: HEALPix FITS, as `lofi map` reads it."""

from lofi.io import hdf5, healpix
from lofi.seeds import stream
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.shear_map import SphereShear, shear_columns
from simulations.sphere.observation import observed_shear
from simulations.sphere.survey import survey_of
from workflow.job import job


def shear(*, sky, output, survey, name, threads):
    record, kappa = hdf5.read(sky, "kappa")
    noise = survey_of(survey).noise_std(record["nside"], stream(*name, "survey"))
    gamma = observed_shear(Harmonics(record["nside"], threads=threads), kappa, noise, stream(*name, "noise"))
    observed = SphereShear(gamma, noise, record["nside"])
    columns, cards = shear_columns(observed)
    history = [f"{record['description']}, seed {'/'.join(map(str, name))}", f"survey: {survey}"]
    healpix.write(output, columns, observed.seen, simulated=True, history=history, cards=cards)


with job(snakemake):
    shear(
        sky=snakemake.input.sky,
        output=snakemake.output[0],
        survey=snakemake.params.survey,
        name=snakemake.params.name,
        threads=snakemake.threads,
    )
