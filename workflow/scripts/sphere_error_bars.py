"""Fit the error bars of a prior for convergence maps to N-body skies of the sphere of one Nside."""

from pathlib import Path

import torch

from lofi.io import hdf5
from lofi.lensing.error_files import load_errors, save_errors
from lofi.lensing.error_training import calibrate_errors, train_errors
from lofi.priors.record import read_record
from lofi.seeds import seed, stream
from lofi.sphere.error_files import name_at
from lofi.sphere.harmonics import Harmonics
from simulations.sphere.survey import survey_of
from workflow.error_pixels import error_pixels
from workflow.job import run

STEPS = 2000
PIXELS = 800_000  # of a sky
SURVEY = {
    "galaxy_density": 20.0,
    "ellipticity_dispersion": {"value": 0.37, "of": "per_component"},
    "galactic_cut": 20.0,
    "declinations": [-70.0, 30.0],
    "holes": 4000,
    "hole_radius": [4.0, 20.0],
    "depth_variation": 1.15,  # 2 to 200 galaxies per square arcmin
}


def sphere_error_bars(
    *,
    weights: Path,
    record: Path,
    errors: Path,
    errors_record: Path,
    training: Path,
    calibration: Path,
    sphere_errors: Path,
    sphere_record: Path,
    boxes: dict,
    redshift: float,
    name: list,
    threads: int,
) -> None:
    """The network of the plane learns on from one sky, tables are set on another.

    training, calibration : the skies. boxes : numbers of those that they are made of. redshift : of their sources.
    """
    prior, pixels = read_record(weights.parent), {}
    bars, of_plane = load_errors(errors.parent, prior)
    for part, sky in {"training": training, "calibration": calibration}.items():
        about, alm = hdf5.read(sky, "kappa")
        harmonics = Harmonics(about["nside"], threads=threads)
        found = error_pixels(harmonics, alm, survey_of(SURVEY), weights.parent, redshift, [*name, part])
        chosen = stream(*name, part, "pixels").permutation(len(found["error"]))[:PIXELS]
        pixels[part] = [found[key][chosen] for key in ("features", "error")]
    train_errors(bars, *pixels["training"], STEPS, torch.Generator().manual_seed(seed(*name, "batches")))
    calibrate_errors(bars, *pixels["calibration"])
    count, nside = len(pixels["calibration"][1]), harmonics.nside
    description = f"quantiles calibrated on {count:,} pixels of N-body boxes {boxes['calibration']} at Nside {nside}"
    about = {"description": description, "nside": nside, "boxes": boxes, "survey": SURVEY, "seed": name}
    save_errors(sphere_errors.parent, bars, of_plane["width"], prior, name_at(nside), **about)


if __name__ == "__main__":
    run(snakemake, sphere_error_bars)
