"""How many truths of a simulated sky do the error bars of `lofi map` hold? Overall, and in tenths of the pixels.

PYTHONPATH=. python benchmarks/sphere_error_bars.py results/shells/spheres/sphere/test
"""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import healpy as hp
import numpy as np
import torch
from scipy.spatial import cKDTree
from sphere_skies import BLOCK_NSIDE, mapped

from lofi.io import hdf5
from lofi.lensing.error_bars import QUANTILES, ErrorBars
from lofi.lensing.error_files import error_bars_of
from lofi.lensing.error_training import calibrate_errors
from lofi.lensing.products import errors_of
from lofi.lensing.shear_file import open_shear
from lofi.priors.record import read_record
from lofi.priors.shipped import find
from lofi.seeds import stream
from lofi.sphere.channels import spectrum_of
from lofi.sphere.error_bars import sphere_features
from lofi.sphere.harmonics import Harmonics
from lofi.sphere.pixels import CHANNELS
from lofi.sphere.shear_map import read_shear

CALIBRATION = 400_000  # pixels
TENTHS, HIGHEST = 10, 0.01  # parts of the pixels along a guide; the highest of the map
RIM = 0.04  # of an octant, radians: what is not mapped beyond it is not felt


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


def octant(nside: int) -> tuple[np.ndarray, np.ndarray]:
    """bool (pixels,): the octant x, y > 0 > z, of which a mirrored sky is made, and what of it is far from its rim."""
    inside = np.stack(hp.pix2vec(nside, np.arange(12 * nside**2))) * np.array([[1], [1], [-1]])
    return (inside > 0).all(axis=0), (inside > RIM).all(axis=0)


def pixels_of(sky: Path, prior: Path, redshift: float, only_octant: bool) -> dict[str, Any]:
    """Of the pixels (P,) of a sky that are judged: `features` and `scale` of `sphere_features`; `error`, truth less
    KAPPA; the `guides`; the `blocks` of the sky that they are in.
    """
    record, truth_alm = hdf5.read(sky / "sky.h5", "kappa")
    observed, alms = hdf5.read(sky / "channels.h5", "channels")
    shear = read_shear(open_shear(sky / "shear.fits"))
    harmonics, seen = Harmonics(shear.nside), shear.seen
    truth, wiener = (harmonics.synthesis(alm)[0] for alm in (truth_alm, alms[CHANNELS.index("kappa_wiener")]))
    wanted, judged = (part & seen for part in octant(shear.nside)) if only_octant else (seen, seen)
    kappa = wiener + mapped(harmonics, alms, observed["noise_std"], wanted, prior, redshift)
    power = spectrum_of(record["spectrum"], harmonics.lmax)
    features, scale = sphere_features(harmonics, kappa, wiener, shear.noise_std, power, redshift)
    print(f"{sky}: {record['description']}, Nside {shear.nside}, {np.count_nonzero(judged)} pixels")
    within = judged[seen]
    distance = to_the_mask(seen, shear.nside)[within]
    return {
        "features": features[within],
        "scale": scale[within],
        "error": (truth - kappa)[judged],
        "guides": {"estimate": kappa[judged], "noise": shear.noise_std[judged], "distance to the mask": distance},
        "blocks": hp.ang2pix(BLOCK_NSIDE, *hp.pix2ang(shear.nside, np.flatnonzero(judged))),
    }


def calibrate(bars: ErrorBars, found: Mapping[str, Any]) -> None:
    """Fit the tables of error bars, not their network, to some of the pixels of a sky."""
    chosen = stream("sphere error bars", "calibration").permutation(len(found["error"]))[:CALIBRATION]
    scale = found["scale"][chosen]
    calibrate_errors(bars, found["features"][chosen], torch.from_numpy(found["error"][chosen]).float() / scale)


def main() -> None:
    """Print a row for each part of the pixels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sky", type=Path, help="folder of a sky: sky.h5, shear.fits and channels.h5")
    parser.add_argument("--prior", default="convergence", help="name of a prior that ships, or a folder")
    parser.add_argument("--redshift", type=float, default=0.857522, help="of the sources")
    parser.add_argument("--octant", action="store_true", help="of the skies alone: an eighth of the time")
    parser.add_argument(
        "--calibrate", type=Path, metavar="SKY", help="fit the tables of the error bars to this sky first"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    prior = find(options.prior, "sphere")
    bars, _ = error_bars_of(prior, read_record(prior), True)
    if options.calibrate:
        calibrate(bars, pixels_of(options.calibrate, prior, options.redshift, options.octant))
    found = pixels_of(options.sky, prior, options.redshift, options.octant)
    quantiles, std = (values.numpy() for values in errors_of(bars, found["features"], found["scale"]))
    error = found["error"]
    below = error[:, None] < quantiles
    inside = {90: below[:, 4] & ~below[:, 0], 68: below[:, 3] & ~below[:, 1]}
    levels = ", ".join(f"{100 * level:g}" for level in QUANTILES)
    print(f"\n| pixels | 90 % | 68 % | below {levels} % | error / STD |\n| --- | --- | --- | --- | --- |")
    for name, pixels in parts(found["guides"]):
        cells = []
        for values in inside.values():
            spread = jackknife(values[pixels], found["blocks"][pixels])
            cells.append(f"{100 * values[pixels].mean():.1f} ± {100 * spread:.1f}")
        cells.append(", ".join(f"{100 * share:.1f}" for share in below[pixels].mean(axis=0)))
        print(f"| {name} | {' | '.join(cells)} | {np.square(error[pixels] / std[pixels]).mean() ** 0.5:.3f} |")


if __name__ == "__main__":
    main()
