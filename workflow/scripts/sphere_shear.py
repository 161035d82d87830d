"""The shear map of a simulated survey: HEALPix FITS, as `lofi map` reads it."""

from pathlib import Path

from lofi.io import hdf5, healpix
from lofi.seeds import stream
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.shear_map import SphereShear, shear_columns
from simulations.sphere.observation import observed_shear
from simulations.sphere.survey import survey_of
from workflow.job import run


def sphere_shear(*, sky: Path, shear: Path, survey: dict, name: list, threads: int) -> None:
    record, kappa = hdf5.read(sky, "kappa")
    noise = survey_of(survey).noise_std(record["nside"], stream(*name, "survey"))
    gamma = observed_shear(Harmonics(record["nside"], threads=threads), kappa, noise, stream(*name, "noise"))
    observed = SphereShear(gamma, noise, record["nside"])
    columns, cards = shear_columns(observed)
    history = [f"{record['description']}, seed {'/'.join(map(str, name))}", f"survey: {survey}"]
    healpix.write(shear, columns, observed.seen, simulated=True, history=history, cards=cards)


if __name__ == "__main__":
    run(snakemake, sphere_shear)
