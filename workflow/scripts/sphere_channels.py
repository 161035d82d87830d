"""What a network sees of a shear map of the sphere, as coefficients; the B mode beside it."""

from pathlib import Path

from lofi.io import hdf5
from lofi.lensing.shear_file import open_shear
from lofi.sphere.channels import channels as channels_of
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.pixels import CHANNELS
from lofi.sphere.shear_map import read_shear
from simulations.sphere.survey import survey_of
from workflow.job import run


def sphere_channels(*, wiener: Path, shear: Path, channels: Path, survey: dict, threads: int) -> None:
    record, filtered = hdf5.read(wiener, "kappa")
    survey_shear = read_shear(open_shear(shear))
    harmonics, nominal = Harmonics(survey_shear.nside, threads=threads), survey_of(survey).level(survey_shear.nside)
    alms, b_mode = channels_of(harmonics, survey_shear.gamma, survey_shear.noise_std, filtered, nominal)
    record |= {"channels": list(CHANNELS), "noise_std": nominal}
    hdf5.write(channels, record, channels=alms, kappa_b=b_mode, seen=survey_shear.seen)


if __name__ == "__main__":
    run(snakemake, sphere_channels)
