"""How well does a prior reconstruct given skies through given baselines? SNR and log SNR, a line for each case; CSV.

python benchmarks/radio_prior.py --skies SKY.fits… --coverages UV.npz… [--priors NAME|FOLDER…] [--precisions exact fast]
                                 [--schedules usual last=6 penalty=0.1…] [--seeds N] [--snr-db DB] [--output FILE.csv]

A sky is scaled to 0…1; one that is not square is resampled to the square of its shorter side. Coverages as the
configuration's `uv_file`. With several priors, precisions or schedules they take turns on the same visibilities. A
schedule is the usual one, or differs from it in one value of `lofi.solvers.admm.Schedule`.
"""

import argparse
from dataclasses import fields, replace
from itertools import product
from pathlib import Path

import pandas as pd
import torch

from lofi.io.checkpoint import load_denoiser
from lofi.models.precision import with_precision
from lofi.priors.shipped import find
from lofi.radio.coverage import read_coverage
from lofi.solvers.admm import Schedule
from workflow.radio_case import RadioCase, read_sky, score


def varied(name):
    """A name, "usual" or `KEY=VALUE`, and the `Schedule`: the usual one, or one that differs from it in a value."""
    if name == "usual":
        return name, Schedule()
    key, _, value = name.partition("=")
    kinds = {field.name: type(field.default) for field in fields(Schedule)}
    if key not in kinds:
        raise argparse.ArgumentTypeError(f"{name!r} is no KEY=VALUE with one of {', '.join(kinds)}")
    return name, replace(Schedule(), **{key: kinds[key](value)})


def main():
    """All cases; the file grows by a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skies", nargs="+", required=True, type=Path, metavar="FITS")
    parser.add_argument("--coverages", nargs="+", required=True, type=Path, metavar="NPZ")
    parser.add_argument("--priors", nargs="+", default=["radio"], metavar="NAME|FOLDER")
    parser.add_argument("--precisions", nargs="+", default=["exact"])
    parser.add_argument("--schedules", nargs="+", type=varied, default=[varied("usual")], metavar="KEY=VALUE")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--snr-db", type=float, default=30.0)
    parser.add_argument("--output", default="radio_prior.csv")
    options = parser.parse_args()
    torch.set_num_threads(1)
    denoisers = {name: load_denoiser(find(name, "denoising"))[0] for name in options.priors}
    lines = []
    for path, uv_file, seed in product(options.skies, options.coverages, range(options.seeds)):
        x, y = read_coverage(uv_file)
        case = RadioCase(read_sky(path), x, y, options.snr_db, ("benchmark", path.stem, uv_file.stem, seed))
        turns = product(denoisers.items(), options.precisions, options.schedules)
        for (prior, denoiser), precision, (name, schedule) in turns:
            named = {"sky": path.stem, "coverage": uv_file.stem, "seed": seed}
            named |= {"prior": prior, "precision": precision, "schedule": name}
            lines.append(named | score(case, with_precision(denoiser, precision)[0], seed, schedule))
            print(*lines[-1].values(), flush=True)
            pd.DataFrame(lines).to_csv(options.output, index=False)
    keys, means = ["prior", "precision", "schedule", "sky", "coverage"], ["snr", "logsnr", "iterations", "cpu_s"]
    print(pd.DataFrame(lines).groupby(keys)[means].mean().round(2).to_string())


if __name__ == "__main__":
    main()
