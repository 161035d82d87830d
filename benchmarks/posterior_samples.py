"""Do truths rank among the samples of `lofi map --samples` as one more sample would? Pixels, power, peaks; JSON.

python benchmarks/posterior_samples.py MAPS.h5… [--prior NAME|FOLDER] [--samples N] [--every N]

MAPS.h5 are shards of maps that trained and calibrated nothing, as the rule `maps` writes them. They are observed with
the noise and masks of the prior's record. Ranks of 9, 19, … samples are uniform in tenths: 0.1 each, a standard
deviation of 0.289.
"""

import argparse
import json
import sys

import numpy as np
import torch
from scipy.ndimage import gaussian_filter, maximum_filter

from lofi.data.lensing import lensing_observation
from lofi.data.sights import each_sight
from lofi.io import hdf5
from lofi.lensing.error_features import LENGTH_ARCMIN, plane_features
from lofi.lensing.error_files import error_bars_of
from lofi.lensing.mapping import load_lensing_model
from lofi.lensing.posterior_samples import draw_samples
from lofi.lensing.products import errors_of
from lofi.priors.shipped import find

EDGES = (0.5, 2, 4, 8, 16, 32, 64)  # of bins of power: waves across the field
THRESHOLDS = (1.0, 2.0, 3.0)  # of peaks, in standard deviations of the smoothed truth
PIXELS = 400  # of a map, drawn at random


def power(maps: np.ndarray) -> np.ndarray:
    """Mean |FFT|² (N, bins) of maps (N, H, W)."""
    size = maps.shape[-1]
    waves = np.hypot(*np.meshgrid(*[np.fft.fftfreq(size, 1 / size)] * 2))
    squared, place = np.abs(np.fft.fft2(maps)) ** 2, np.digitize(waves, EDGES)
    return np.stack([squared[:, place == bin].mean(1) for bin in range(1, len(EDGES))], axis=1)


def peaks(maps: np.ndarray, seen: np.ndarray, width: float) -> np.ndarray:
    """Peaks (N, thresholds) above each of `THRESHOLDS` of maps (N, H, W), smoothed; the last is the truth."""
    smoothed = gaussian_filter(maps, (0, width, width), mode="wrap")
    highest = (smoothed == maximum_filter(smoothed, (1, 3, 3), mode="wrap")) & seen
    unit = smoothed[-1][seen].std()
    return np.stack([(highest & (smoothed > unit * level)).sum((1, 2)) for level in THRESHOLDS], axis=1)


def rank(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Where the last of values (N + 1, ...) lies among the others, 0 to 1; among equal ones at random."""
    below, equal = (values[:-1] < values[-1]).sum(0), (values[:-1] == values[-1]).sum(0)
    return (below + rng.integers(0, equal + 1) + rng.random(below.shape)) / len(values)


def one_map(model, bars, observed, truth, count, number):
    """{what: (values of samples and, last, of the truth)} of one map, and those of the estimate."""
    with torch.no_grad():
        wiener = model.wiener(observed)
        kappa = model.reconstruct(observed, filtered=wiener)[0, 0]
    noise, sight, seen = observed[0, 2], observed[0, 3:, 0, 0], torch.isfinite(observed[0, 2])
    signal = model.wiener.sky.pixelised(kappa.shape, *sight[:, None])[0]
    columns, scale = plane_features(kappa, wiener[0], noise, *sight.tolist(), signal)
    estimate = (kappa[seen] - kappa[seen].mean()).numpy()
    name, pixel = ("benchmark", "posterior samples", number), float(sight[0])
    drawn = draw_samples(estimate, errors_of(bars, columns, scale), scale, signal, noise, pixel, count, name)
    flat = np.concatenate([drawn, (truth[seen] - truth[seen].mean()).numpy()[None], estimate[None]])
    maps = np.zeros((count + 2, *kappa.shape), dtype=np.float32)
    maps[:, seen] = flat
    chosen = np.random.default_rng(number).choice(flat.shape[1], min(PIXELS, flat.shape[1]), replace=False)
    peaked = peaks(maps[[*range(count), -1, -2]], seen.numpy(), LENGTH_ARCMIN / pixel)
    order = [*range(count), -1]
    return {"pixels": flat[:-1][:, chosen], "power": power(maps[:-1]), "peaks": peaked[order]}, {
        "power": power(maps[-1:])[0],
        "peaks": peaked[-2],
    }


def summary(values, estimates, what, rng):
    """Ranks over all maps, and means of samples and estimates over the truth's."""
    ranks = np.stack([rank(each[what], rng) for each in values])
    if what == "pixels":
        return {"tenths": (np.histogram(ranks, 10, (0, 1))[0] / ranks.size).round(3).tolist()}
    truth, estimate = np.stack([each[what][-1] for each in values]), np.stack([each[what] for each in estimates])
    samples = np.stack([each[what][:-1] for each in values])
    if what == "power":  # geometric means: the power of few modes scatters over decades
        level = np.log(truth).mean(0)
        ratios = [np.exp(np.log(each).mean(axis) - level) for each, axis in ((samples, (0, 1)), (estimate, 0))]
    else:
        ratios = [samples.mean(1).sum(0) / truth.sum(0), estimate.sum(0) / truth.sum(0)]
    return {
        "mean rank": ranks.mean(0).round(3).tolist(),
        "standard deviation of ranks": ranks.std(0).round(3).tolist(),
        "samples over truth": ratios[0].astype(float).round(3).tolist(),
        "estimate over truth": ratios[1].astype(float).round(3).tolist(),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("maps", nargs="+")
    parser.add_argument("--prior")
    parser.add_argument("--samples", type=int, default=49)
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    folder = find(options.prior, "lensing")
    model, record = load_lensing_model(folder)
    bars, _ = error_bars_of(folder, record, True)
    observation = lensing_observation(record["observation"], record["field"], record["depth"])
    values, estimates = [], []
    for path in options.maps:
        described, images = hdf5.read(path, "images")
        sights = each_sight(described)
        for i in range(0, len(images), options.every):
            print(f"{path}: map {i + 1} of {len(images)}", file=sys.stderr)
            observed, truth = observation.observe_all(images[i : i + 1], "benchmark", path, first=i, each=[sights[i]])
            inputs = torch.from_numpy(observed), torch.from_numpy(truth)[0, 0]
            found, estimate = one_map(model, bars, *inputs, options.samples, len(values))
            values.append(found)
            estimates.append(estimate)
    rng = np.random.default_rng(0)
    table = {what: summary(values, estimates, what, rng) for what in ("pixels", "power", "peaks")}
    print(json.dumps({"maps": len(values), "samples": options.samples} | table, indent=1))


if __name__ == "__main__":
    main()
