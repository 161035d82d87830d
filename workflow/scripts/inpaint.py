"""Fill in the pictures of an in-painting problem by one method."""

import time

import numpy as np
import pandas as pd

from lofi.device import choose
from lofi.io import hdf5
from lofi.io.atomic import replacing
from lofi.io.checkpoint import load_denoiser
from lofi.options import construct
from workflow.fills import FILLS, Case
from workflow.job import job

TRACE = ["iteration", "picture", "sigma", "alpha", "change", "denoiser_seconds", "snr"]


def inpaint(*, problem, folder, output, trace, method, name, device, threads):
    """One picture after the other. `folder`: checkpoint of the denoiser, empty where the method needs none."""
    device = choose(device, threads)
    record, truth, mask, observed = hdf5.read(problem, "truth", "mask", "observed")
    fill = construct(FILLS, method, "method", key="class")
    denoiser = load_denoiser(folder)[0].to(device) if folder else None
    images, seconds, rows = [], [], []
    for i in range(len(truth)):
        one = slice(i, i + 1)
        clock = time.perf_counter()
        filled, steps = fill(Case(observed[one], mask[one], denoiser, truth[one], [*name, i], device))
        seconds.append(time.perf_counter() - clock)
        images.append(filled.astype(np.float32))
        rows += [{**row, "picture": i} for row in steps]
    with replacing(trace) as path:
        pd.DataFrame(rows, columns=TRACE).to_csv(path, index=False)
    about = {"method": method, "name": list(name), "problem": record["fingerprint"]}
    hdf5.write(output, about, images=np.concatenate(images), seconds=np.array(seconds))


with job(snakemake):
    inpaint(
        problem=snakemake.input.problem,
        folder=snakemake.params.folder,
        output=snakemake.output.images,
        trace=snakemake.output.trace,
        method=snakemake.params.method,
        name=snakemake.params.name,
        device=snakemake.params.device,
        threads=snakemake.threads,
    )
