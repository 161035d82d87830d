"""Of NFW haloes in simulated fields, how many are peaks of the smoothed, the Wiener and LoFi's map at equal purity?

PYTHONPATH=.:tests/shared python benchmarks/halo_completeness.py data/mass/test/*.h5
"""

import argparse
import json
import sys
from collections import defaultdict

import numpy as np
from nfw_halo import Halo, pixel_means

from lofi.io.stack import Stack
from lofi.lensing.error_files import load_errors
from lofi.lensing.kaiser_squires import shear_from_convergence
from lofi.lensing.mapping import convergence_maps, load_lensing_model
from lofi.lensing.peaks import find_peaks
from lofi.lensing.shear_map import BinnedShear
from lofi.lensing.tangent_plane import tangent_wcs
from lofi.priors.shipped import find

MASSES = (2e14, 4e14, 7e14, 1e15)  # solar masses, one of each in every field
LENS, SOURCE = 0.3, 0.86  # redshifts
PURITIES = (0.5, 0.7, 0.9)
STAMP, SAMPLES = 33, 8  # pixels of a halo; points in a pixel, along each axis
MATCH = 2.0  # pixels between a halo and its peak
BOOTSTRAPS = 100


def fields(truths, pixel, noise, rng):
    """Shear of simulated fields with a halo in each quarter, and their places."""
    haloes = [Halo(mass, lens=LENS, source=SOURCE) for mass in MASSES]
    for truth in truths:
        side = len(truth)
        kappa, places = truth.astype(float), []
        corners = rng.permutation([(i, j) for i in (0, 1) for j in (0, 1)])
        for halo, corner in zip(haloes, corners, strict=True):
            y, x = corner * side / 2 + rng.uniform(STAMP / 2, side / 2 - STAMP / 2, 2)
            row, column = round(y), round(x)
            offset = (x - column) * pixel, (y - row) * pixel
            inside = tuple(slice(k - STAMP // 2, k + STAMP // 2 + 1) for k in (row, column))
            kappa[inside] += pixel_means(halo.convergence, STAMP, pixel, SAMPLES, offset)
            places.append((y, x))
        scatter = rng.standard_normal((2, side, side))
        yield shear_from_convergence(kappa) + noise * (scatter[0] + 1j * scatter[1]), np.array(places)


def found(image, places):
    """Heights of all peaks that are no halo's, and of each halo's peak, −inf where there is none."""
    peaks = find_peaks(image, image, -np.inf)
    distance = np.hypot(peaks.y[None, :] - places[:, :1], peaks.x[None, :] - places[:, 1:])
    near = distance < MATCH
    heights = np.where(near, peaks.snr[None, :], -np.inf).max(axis=1)
    return peaks.snr[~near.any(axis=0)], heights


def completeness(others, heights, purity):
    """Share of haloes (masses,) above the lowest threshold with this purity, and the false peaks per field there."""
    others, true = np.sort(np.concatenate(others)), np.sort(heights[np.isfinite(heights)])
    false = len(others) - np.searchsorted(others, true)
    right = len(true) - np.arange(len(true))
    pure = np.flatnonzero(right >= purity * (right + false))
    threshold = true[pure[0]] if len(pure) else np.inf
    return (heights >= threshold).mean(axis=0), (others >= threshold).sum() / len(heights)


def main() -> None:
    """Print completeness by method, purity and mass, and LoFi's less Wiener's with the error over fields."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("maps", nargs="+", help="shards of a split of a lensing experiment")
    parser.add_argument("--fields", type=int, default=300)
    parser.add_argument("--density", type=float, default=30.0, help="galaxies per square arcmin")
    options = parser.parse_args()
    truths = Stack(options.maps, "truth")
    pixel, rng = float(truths.record["pixel_arcmin"]), np.random.default_rng(0)
    noise = 0.37 / np.sqrt(options.density * pixel**2)
    folder = find(None, "lensing")
    model, record = load_lensing_model(folder)
    bars, _ = load_errors(folder, record)
    others, heights = defaultdict(list), defaultdict(list)
    chosen = (truths[i % len(truths)][0] for i in range(options.fields))
    for number, (gamma, places) in enumerate(fields(chosen, pixel, noise, rng)):
        whole = np.full(gamma.shape, noise)
        wcs = tangent_wcs((180.0, 0.0), pixel, gamma.shape)
        shear = BinnedShear(gamma, whole, np.ones(gamma.shape, bool), None, None, pixel, wcs)
        maps, _ = convergence_maps(shear, model, record, redshift=SOURCE, periodic=True, bars=bars, quiet=True)
        images = {"smoothed": "KAPPA_SMOOTHED", "Wiener": "KAPPA_WIENER", "LoFi": "KAPPA"}
        images = {name: maps[hdu][0] for name, hdu in images.items()}
        for name, image in (images | {"LoFi, S/N": maps["KAPPA"][0] / maps["KAPPA_STD"][0]}).items():
            false, high = found(image.astype(float), places)
            others[name].append(false)
            heights[name].append(high)
        if number % 10 == 9:
            print(f"field {number + 1} of {options.fields}", file=sys.stderr, flush=True)
    heights = {name: np.array(values) for name, values in heights.items()}
    table = [
        {"method": name, "purity": purity, "false_per_field": round(false, 3), "completeness": share.round(3).tolist()}
        for purity in PURITIES
        for name in others
        for share, false in [completeness(others[name], heights[name], purity)]
    ]
    gains = {purity: _gain(others, heights, purity, rng) for purity in PURITIES}
    print(json.dumps({"masses": MASSES, "fields": options.fields, "table": table, "lofi_less_wiener": gains}, indent=1))


def _gain(others, heights, purity, rng):
    """Completeness of LoFi less that of Wiener, of all masses, and its standard deviation over draws of fields."""
    gains = []
    for draw in range(BOOTSTRAPS + 1):
        count = len(heights["LoFi"])
        rows = np.arange(count) if draw == 0 else rng.integers(0, count, count)
        lofi, wiener = (
            completeness([others[name][i] for i in rows], heights[name][rows], purity)[0].mean()
            for name in ("LoFi", "Wiener")
        )
        gains.append(float(lofi - wiener))
    return [round(gains[0], 3), round(float(np.std(gains[1:])), 3)]


if __name__ == "__main__":
    main()
