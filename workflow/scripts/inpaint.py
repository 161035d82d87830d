"""Fill in the pictures of an in-painting problem by one method."""

import time
from pathlib import Path

import numpy as np
import pandas as pd

from lofi.device import choose
from lofi.io import hdf5
from lofi.io.atomic import replacing
from lofi.io.checkpoint import load_denoiser
from lofi.options import construct
from workflow.fills import FILLS, Case
from workflow.job import run

TRACE = ["iteration", "picture", "sigma", "alpha", "change", "denoiser_seconds", "snr"]


def inpaint(
    *,
    problem: Path,
    images: Path,
    trace: Path,
    method: dict,
    name: list,
    device: str,
    threads: int,
    weights: Path | None = None,
) -> None:
    """One picture after the other. `weights`: of the checkpoint of the denoiser, if the method needs one."""
    device = choose(device, threads)
    record, truth, mask, observed = hdf5.read(problem, "truth", "mask", "observed")
    fill = construct(FILLS, method, "method", key="class")
    denoiser = load_denoiser(weights.parent)[0].to(device) if weights else None
    pictures, seconds, rows = [], [], []
    for i in range(len(truth)):
        one = slice(i, i + 1)
        clock = time.perf_counter()
        filled, steps = fill(Case(observed[one], mask[one], denoiser, truth[one], [*name, i], device))
        seconds.append(time.perf_counter() - clock)
        pictures.append(filled.astype(np.float32))
        rows += [{**row, "picture": i} for row in steps]
    with replacing(trace) as path:
        pd.DataFrame(rows, columns=TRACE).to_csv(path, index=False)
    about = {"method": method, "name": list(name), "problem": record["fingerprint"]}
    hdf5.write(images, about, images=np.concatenate(pictures), seconds=np.array(seconds))


if __name__ == "__main__":
    run(snakemake, inpaint)
