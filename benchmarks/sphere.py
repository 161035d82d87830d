"""A map of the whole sky: time and memory against Nside, with the compact network on two threads; --plot FILE."""

import json
import sys
import time
from pathlib import Path

from measure import fresh, peak_mb

THREADS, TILE_SIDE = 2, 128
CELLS = [{"nside": nside} for nside in (256, 512, 1024, 2048)]
SURVEY_NSIDE, SURVEY_DEG2, JOBS = 4096, 14_000, (1, 16, 64, 256)


def measure(nside):
    """Wall seconds from a shear map of the whole sky in memory to the map of the convergence, by step; peak memory.

    The noise is that of 30 galaxies per square arcmin and varies over the sky, the spectrum about that of a survey,
    since the steps of the Wiener filter depend on them. The shear is noise, the network untrained: neither changes
    what there is to compute.
    """
    import numpy as np
    import torch

    from lofi.models.registry import build
    from lofi.sphere.channels import channels
    from lofi.sphere.filters import wiener
    from lofi.sphere.harmonics import Harmonics
    from lofi.sphere.mapping import base_map, corrections, tiling_of
    from lofi.sphere.pixels import CHANNELS, pixel_arcmin
    from simulations.sphere.nominal import noise_level

    torch.set_num_threads(1)
    harmonics, rng = Harmonics(nside, threads=THREADS), np.random.default_rng(0)
    nominal, height = noise_level(30.0, 0.37, nside), np.linspace(1, -1, harmonics.pixels)  # from pole to pole
    noise, ell = nominal * np.exp(0.5 * np.sin(9 * height)), np.arange(harmonics.lmax + 1.0)
    power = 3.7e-8 / (1 + (ell / 30) ** 1.2)  # sr
    gamma = noise * (rng.standard_normal(harmonics.pixels) + 1j * rng.standard_normal(harmonics.pixels))
    model = build(description(), CHANNELS, (96, 96)).eval()
    tiling = tiling_of(model, {"pixel_arcmin": pixel_arcmin(nside)}, nside, max(4, nside // TILE_SIDE))
    seconds, start = {}, time.perf_counter()
    best = wiener(harmonics, gamma, noise, power)
    seconds["Wiener filter"], start = time.perf_counter() - start, time.perf_counter()
    alms, _ = channels(harmonics, gamma, noise, best, nominal)
    seconds["E, B, depth"], start = time.perf_counter() - start, time.perf_counter()
    kappa, seen = base_map(model, harmonics.synthesis(best)[0]), np.isfinite(noise)
    for pixels, values in corrections(model, harmonics, alms, tiling, seen, range(len(tiling))):
        kappa[pixels] += values
    seconds["tiles"] = time.perf_counter() - start
    return {
        "pixels": harmonics.pixels,
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "total_s": round(sum(seconds.values()), 1),
        "microseconds_per_pixel": round(1e6 * sum(seconds.values()) / harmonics.pixels, 2),
        "peak_mb": round(peak_mb()),
    }


def description():
    """`config/models/sphere.yaml` without its training."""
    import yaml

    text = (Path(__file__).parents[1] / "config/models/sphere.yaml").read_text()
    model = yaml.safe_load(text)["models"]["lofi_sphere"]
    return {key: value for key, value in model.items() if key != "training"}


def survey(last):
    """Hours and memory of a survey at Nside 4096 in `JOBS` jobs, from the largest map measured.

    One job filters and needs the memory, then all map tiles.
    """
    scale = SURVEY_NSIDE / last["nside"]
    harmonics = (last["total_s"] - last["seconds"]["tiles"]) * scale**3  # transforms grow as Nside³
    tiles = last["seconds"]["tiles"] * scale**2 * SURVEY_DEG2 / 41_253
    hours = [{"jobs": jobs, "hours": round((harmonics + tiles / jobs) / 3600, 2)} for jobs in JOBS]
    return {"hours": hours, "memory_gb": round(last["peak_mb"] * scale**2 / 1024, 1)}


def plot(cells, path):
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    plt.style.use(Path(__file__).parents[1] / "workflow/resources/figures.mplstyle")
    figure, (left, right) = plt.subplots(1, 2, figsize=(6.5, 2.6), layout="constrained")
    pixels = [cell["pixels"] for cell in cells]
    left.loglog(pixels, [cell["total_s"] for cell in cells], "o-", label="all")
    for name in cells[0]["seconds"]:
        left.loglog(pixels, [cell["seconds"][name] for cell in cells], "o--", label=name, markersize=3)
    left.loglog(pixels, [cells[-1]["total_s"] * p / pixels[-1] for p in pixels], color="0.7", label="linear")
    left.set(xlabel="pixels of the sky", ylabel="seconds")
    left.legend()
    right.loglog(pixels, [cell["peak_mb"] / 1024 for cell in cells], "o-")
    right.set(xlabel="pixels of the sky", ylabel="peak memory [GB]")
    figure.savefig(path)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] != "--plot":
        print(json.dumps(measure(**json.loads(sys.argv[1]))))
    else:
        results = []
        for cell in CELLS:
            results.append(fresh(__file__, cell))
            print(json.dumps(results[-1]), file=sys.stderr)
        print(json.dumps({"threads": THREADS, "cells": results, "survey": survey(results[-1])}, indent=1))
        if "--plot" in sys.argv:
            plot(results, sys.argv[sys.argv.index("--plot") + 1])
