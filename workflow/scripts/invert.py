"""Reconstruct one part of the images of an inversion by one method."""

import time

import numpy as np
import pandas as pd
import torch

from lofi.device import choose
from lofi.io import hdf5
from lofi.io.atomic import replacing
from lofi.io.checkpoint import load_denoiser
from lofi.options import construct
from lofi.seeds import seed
from simulations.radio_observation import read_observation
from workflow.job import job
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


def invert(*, observation, folder, output, trace, part, parts, method, name, device, threads):
    """`folder`: checkpoint of the denoiser, empty where the method needs none. Problems do not affect each other."""
    device = choose(device, threads)
    observed = read_observation(observation)
    reconstruct = construct(METHODS, method, "method", key="class")
    denoiser = load_denoiser(folder)[0].to(device) if folder else None
    weights = observed.imaging_weights()
    images, seconds, rows = [], [], []
    size = max(1, BATCH_PIXELS // observed.pixels**2)
    first, stop = bounds(len(observed.image), parts, part)
    for start in range(first, stop, size):
        batch = slice(start, min(start + size, stop))
        measurement = observed.measurement(batch)
        case = Case(
            measurement=measurement,
            weights=weights,
            denoiser=denoiser,
            truth=torch.from_numpy(observed.truth[observed.image[batch]]).to(device),
            seed=seed(*name) % 2**32,
            device=device,
        )
        clock = time.perf_counter()
        reconstructions, steps = reconstruct(case)
        reconstructions = reconstructions.float().cpu().numpy()  # waits for a GPU
        seconds += [(time.perf_counter() - clock) / len(reconstructions)] * len(reconstructions)
        images.append(reconstructions)
        rows += [{**row, "problem": start + row["image"]} for row in steps]
    shard = {key: [first, len(observed.image)] for key in ("images", "seconds")}
    record = {"method": method, "name": list(name), "observation": observed.fingerprint, "shard": shard}
    with replacing(trace) as path:
        pd.DataFrame(rows, columns=TRACE).to_csv(path, index=False)
    hdf5.write(output, record, images=np.concatenate(images), seconds=np.array(seconds))


with job(snakemake):
    invert(
        observation=snakemake.input.observation,
        folder=snakemake.params.folder,
        output=snakemake.output.images,
        trace=snakemake.output.trace,
        part=int(snakemake.wildcards.part),
        parts=snakemake.params.parts,
        method=snakemake.params.method,
        name=snakemake.params.name,
        device=snakemake.params.device,
        threads=snakemake.threads,
    )
