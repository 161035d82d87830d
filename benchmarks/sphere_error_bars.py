"""How many truths of a simulated sky do the error bars of `lofi map` hold? Overall, and in tenths of the pixels.

PYTHONPATH=. python benchmarks/sphere_error_bars.py results/shells/spheres/sphere/test/sky.h5 --density 30
"""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

import healpy as hp
import numpy as np
import torch
from scipy.spatial import cKDTree
from sphere_skies import BLOCK_NSIDE

from lofi.io import hdf5
from lofi.lensing.error_bars import QUANTILES, ErrorBars
from lofi.lensing.error_files import error_bars_of
from lofi.lensing.products import errors_of
from lofi.priors.record import read_record
from lofi.priors.shipped import find
from lofi.sphere.error_files import sphere_bars_of
from lofi.sphere.harmonics import Harmonics
from simulations.sphere.survey import SphereSurvey
from workflow.error_pixels import error_pixels

TENTHS, HIGHEST = 10, 0.01  # parts of the pixels along a guide; the highest of the map
DISPERSION = 0.37  # of the ellipticities, per component
FOOTPRINT = {"galactic_cut": 20.0, "declinations": (-70.0, 30.0), "holes": 4000, "hole_radius": (4.0, 20.0)}


def to_the_mask(seen: np.ndarray, nside: int) -> np.ndarray:
    """Distance [arcmin] of each seen pixel's centre to that of the nearest masked one; inf where nothing is masked.

    seen : bool (pixels,), RING.
    """
    rim = np.flatnonzero(~seen)
    near = hp.get_all_neighbours(nside, rim)
    rim = rim[(seen[near] & (near >= 0)).any(axis=0)]
    if not len(rim):
        return np.full(np.count_nonzero(seen), np.inf)
    centres = (np.stack(hp.pix2vec(nside, pixels), axis=-1) for pixels in (rim, np.flatnonzero(seen)))
    chord = cKDTree(next(centres)).query(next(centres))[0]
    return np.degrees(2 * np.arcsin(np.minimum(chord / 2, 1.0))) * 60.0


def parts(guides: Mapping[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    """Name and pixels (indices) of what coverage is measured in: all, the highest of `estimate`, tenths of all guides.

    guides : values (P,) by name, `estimate` among them.
    """
    order = guides["estimate"].argsort(kind="stable")
    yield "all", order
    yield f"highest {100 * HIGHEST:g} %", order[len(order) - max(1, round(HIGHEST * len(order))) :]
    for name, values in guides.items():
        for number, tenth in enumerate(np.array_split(values.argsort(kind="stable"), TENTHS)):
            yield f"{name}, tenth {number + 1}", tenth


def jackknife(inside: np.ndarray, blocks: np.ndarray) -> float:
    """Error of the mean of `inside` (P,), from leaving out one of the `blocks` (P,) of the sky after the other."""
    hits, count = (np.bincount(blocks, weights) for weights in (inside, None))
    hits, count = hits[count > 0], count[count > 0]
    without = (hits.sum() - hits) / (count.sum() - count)
    return float(np.sqrt((len(without) - 1) * without.var()))


def bars_of(prior: Path, nside: int, name: str | None) -> tuple[ErrorBars, list[str]]:
    """Error bars of this name, or those that a map of this Nside has, and notes on them."""
    record = read_record(prior)
    return sphere_bars_of(prior, record, nside, True) if name is None else error_bars_of(prior, record, True, name=name)


def main() -> None:
    """Print a row for each part of the pixels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sky", type=Path, help="sky.h5 of one")
    parser.add_argument("--density", type=float, default=30.0, help="galaxies per square arcmin")
    parser.add_argument("--variation", type=float, default=0.5, help="of the noise, e-foldings about its middle")
    parser.add_argument("--prior", default="convergence", help="name of a prior that ships, or a folder")
    parser.add_argument("--errors", help="name of the files of its error bars; without it those of the Nside")
    parser.add_argument("--redshift", type=float, default=0.857522, help="of the sources")
    parser.add_argument("--seed", default="benchmark", help="of survey and noise")
    options = parser.parse_args()
    torch.set_num_threads(1)
    record, truth = hdf5.read(options.sky, "kappa")
    prior, harmonics = find(options.prior, "sphere"), Harmonics(record["nside"])
    bars, notes = bars_of(prior, harmonics.nside, options.errors)
    survey = SphereSurvey(options.density, DISPERSION, depth_variation=options.variation, **FOOTPRINT)
    name = (options.seed, f"{options.density:g}")
    found = error_pixels(harmonics, truth, survey, prior, options.redshift, name)
    seen, error = found["seen"], found["error"].numpy()
    print(f"{options.sky}: {record['description']}, Nside {harmonics.nside}, {len(error)} pixels", *notes, sep="\n")
    quantiles, std = (values.numpy() for values in errors_of(bars, found["features"], torch.ones(len(error))))
    distance = to_the_mask(seen, harmonics.nside)
    guides = {"estimate": found["estimate"], "noise": found["noise"], "distance to the mask": distance}
    blocks = hp.ang2pix(BLOCK_NSIDE, *hp.pix2ang(harmonics.nside, np.flatnonzero(seen)))
    below = error[:, None] < quantiles
    inside = {90: below[:, 4] & ~below[:, 0], 68: below[:, 3] & ~below[:, 1]}
    levels = ", ".join(f"{100 * level:g}" for level in QUANTILES)
    print(f"\n| pixels | 90 % | 68 % | below {levels} % | error / STD |\n| --- | --- | --- | --- | --- |")
    for name, pixels in parts(guides):
        cells = []
        for values in inside.values():
            spread = jackknife(values[pixels], blocks[pixels])
            cells.append(f"{100 * values[pixels].mean():.1f} ± {100 * spread:.1f}")
        cells.append(", ".join(f"{100 * share:.1f}" for share in below[pixels].mean(axis=0)))
        print(f"| {name} | {' | '.join(cells)} | {np.square(error[pixels] / std[pixels]).mean() ** 0.5:.3f} |")


if __name__ == "__main__":
    main()
