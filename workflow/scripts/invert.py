"""Reconstruct one part of the images of an inversion by one method."""

import csv
import time
from pathlib import Path

import numpy as np
import torch

from lofi.device import choose
from lofi.io import hdf5
from lofi.io.atomic import replacing
from lofi.io.checkpoint import load_denoiser
from lofi.options import construct
from lofi.seeds import seed
from simulations.radio_observation import read_observation
from workflow.job import run
from workflow.methods import METHODS, Case
from workflow.shards import bounds

BATCH_PIXELS = 20 * 128**2
TRACE = [
    "iteration",
    "problem",
    "sigma",
    "alpha",
    "chi2",
    "change",
    "cg_iterations",
    "data_seconds",
    "denoiser_seconds",
    "snr",
]


def invert(
    *,
    observation: Path,
    images: Path,
    trace: Path,
    part: int,
    parts: int,
    method: dict,
    name: list,
    device: str,
    threads: int,
    weights: Path | None = None,
) -> None:
    """`weights`: of the checkpoint of the denoiser, if the method needs one. Problems do not affect each other."""
    device = choose(device, threads)
    observed = read_observation(observation)
    reconstruct = construct(METHODS, method, "method", key="class")
    denoiser = load_denoiser(weights.parent)[0].to(device) if weights else None
    batches, seconds, rows = [], [], []
    size = max(1, BATCH_PIXELS // observed.pixels**2)
    first, stop = bounds(len(observed.image), parts, part)
    for start in range(first, stop, size):
        batch = slice(start, min(start + size, stop))
        measurement = observed.measurement(batch)
        case = Case(
            measurement=measurement,
            weighting=observed.inversion["weighting"],
            denoiser=denoiser,
            truth=torch.from_numpy(observed.truth[observed.image[batch]]).to(device),
            seed=seed(*name) % 2**32,
            device=device,
        )
        clock = time.perf_counter()
        reconstructions, steps = reconstruct(case)
        reconstructions = reconstructions.float().cpu().numpy()  # waits for a GPU
        seconds += [(time.perf_counter() - clock) / len(reconstructions)] * len(reconstructions)
        batches.append(reconstructions)
        rows += [{**row, "problem": start + row["image"]} for row in steps]
    shard = {key: [first, len(observed.image)] for key in ("images", "seconds")}
    record = {"method": method, "name": list(name), "observation": observed.fingerprint, "shard": shard}
    with replacing(trace) as path, path.open("w", newline="") as file:
        writer = csv.DictWriter(file, TRACE, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    hdf5.write(images, record, images=np.concatenate(batches), seconds=np.array(seconds))


if __name__ == "__main__":
    run(snakemake, invert)
