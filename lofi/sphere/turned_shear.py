"""Maps of the sphere of randomly turned shear, whose peaks are false."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from lofi.lensing.mapping import assumed_redshift
from lofi.lensing.peak_finding import Found, check_maker, without_end
from lofi.lensing.peaks import turned
from lofi.priors.shipped import find
from lofi.sphere.error_files import sphere_bars_of
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.map_file import SkyFile
from lofi.sphere.observing import load_model, survey_channels, survey_maps, unreduced
from lofi.sphere.shear_map import read_shear


def turned_sky(file: SkyFile, prior: str | Path | None, rng: np.random.Generator) -> Iterator[Found]:
    """KAPPA (pixels,) and its signal to noise of turned shear of a file, through the prior of the file, without end."""
    shear = read_shear(file.file)
    folder = find(prior, "sphere")
    redshift, reduced = file.header.get("ZSOURCE"), bool(file.header.get("REDSHEAR"))
    model, record = load_model(folder, shear.nside, redshift)
    check_maker(file.path, file.header, folder, record)
    bars, _ = sphere_bars_of(folder, record, shear.nside, True)
    harmonics = Harmonics(shear.nside, threads=torch.get_num_threads())

    def maps():
        noise = replace(shear, gamma=turned(shear.gamma, rng))
        noise = unreduced(noise, harmonics)[0] if reduced else noise
        alms, b_mode = survey_channels(harmonics, noise, record)
        found = survey_maps(harmonics, noise, model, record, alms, b_mode, bars, assumed_redshift(record, redshift))
        kappa = np.where(shear.seen, found["KAPPA"], np.nan)
        return kappa, kappa / found["KAPPA_STD"]

    return without_end(maps)
