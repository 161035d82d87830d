"""How far below the Wiener filter's is the error of local fields on one simulated sky? Networks that ship, or trained.

python benchmarks/sphere_skies.py results/shells/spheres/sphere/test convergence results/*/models/sphere/lofi_sphere
"""

import argparse
from itertools import pairwise
from pathlib import Path

import healpy as hp
import numpy as np
import torch

from lofi.io import hdf5
from lofi.priors.shipped import find
from lofi.sphere.channels import spectrum_of
from lofi.sphere.harmonics import Harmonics, spectrum
from lofi.sphere.mapping import corrections, tiling_of
from lofi.sphere.observing import load_model
from lofi.sphere.pixels import CHANNELS
from simulations.sphere.scores import far_from_edges

TILE_NSIDE, BLOCK_NSIDE = 8, 4  # of the maps; of the parts of the sky that the scatter is taken over, 15° wide
BINS = (2, 15, 30, 60, 120, 250, 500, 1000, 2000)


def mapped(harmonics, alms, nominal, seen, folder, redshift):
    """What the model of a folder adds to the Wiener-filtered map, (pixels,)."""
    model, record = load_model(folder, harmonics.nside, redshift)
    alms = alms.copy()
    alms[CHANNELS.index("precision")] *= (record["noise_std"] / nominal) ** 2
    added, tiling = np.zeros(harmonics.pixels), tiling_of(model, record, harmonics.nside, TILE_NSIDE)
    for pixels, values in corrections(model, harmonics, alms, tiling, seen, range(len(tiling))):
        added[pixels] = values
    return added


def below(squares, wiener, blocks):
    """RMSE below the Wiener filter's [%], of squared errors in pixels, and its jackknife error over blocks."""
    sums = np.stack([np.bincount(blocks, values) for values in (squares, wiener)])
    kept = sums[:, sums[1] > 0]
    without = kept.sum(axis=1, keepdims=True) - kept
    each = 100 * (1 - np.sqrt(without[0] / without[1]))
    gain = 100 * (1 - np.sqrt(squares.sum() / wiener.sum()))
    return gain, np.sqrt((len(each) - 1) * each.var())


def main() -> None:
    """Print the sky's statistics and a row for each prior."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sky", type=Path, help="folder of a sky: sky.h5 and channels.h5")
    parser.add_argument("priors", nargs="+", help="names of priors that ship, or folders of models")
    parser.add_argument("--redshift", type=float, default=0.857522, help="of the sources")
    options = parser.parse_args()
    torch.set_num_threads(1)
    record, truth_alm = hdf5.read(options.sky / "sky.h5", "kappa")
    observed, alms, seen = hdf5.read(options.sky / "channels.h5", "channels", "seen")
    harmonics = Harmonics(record["nside"])
    truth, wiener = (harmonics.synthesis(alm)[0] for alm in (truth_alm, alms[CHANNELS.index("kappa_wiener")]))
    scale = truth[seen].std()
    skewness = ((truth[seen] - truth[seen].mean()) ** 3).mean() / scale**3
    print(f"{record['description']}: rms {scale:.5f}, skewness {skewness:.3f}, {np.count_nonzero(seen)} pixels seen")
    power, theory = spectrum(truth_alm), spectrum_of(record["spectrum"], harmonics.lmax)
    modes = 2 * np.arange(harmonics.lmax + 1) + 1
    for low, high in pairwise(BINS):
        part = slice(low, min(high, harmonics.lmax + 1))
        if low < harmonics.lmax:
            ratio = (modes * power)[part].sum() / (modes * theory)[part].sum()
            print(f"power of ℓ = {low} to {part.stop - 1} over the theory's: {ratio:.3f}")
    regions = {"all": seen, "far from edges": far_from_edges(harmonics, seen)}
    block = hp.ang2pix(BLOCK_NSIDE, *hp.pix2ang(harmonics.nside, np.arange(harmonics.pixels)))
    print("\n| network | RMSE | below Wiener [%] | far from edges [%] |\n| --- | --- | --- | --- |")
    error = wiener - truth
    print(f"| Wiener | {error[seen].std():.6f} | | |")
    for prior in options.priors:
        found = error + mapped(harmonics, alms, observed["noise_std"], seen, find(prior, "sphere"), options.redshift)
        cells = []
        for pixels in regions.values():
            squares = [(values[pixels] - values[pixels].mean()) ** 2 for values in (found, error)]
            cells.append("{:.2f} ± {:.2f}".format(*below(*squares, block[pixels])))
        print(f"| {prior} | {found[seen].std():.6f} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
