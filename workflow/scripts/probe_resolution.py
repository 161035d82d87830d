"""A denoiser on pictures much larger than those that it was trained on (paper Figure S2), and the memory it needs."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter

from lofi.io import hdf5
from lofi.io.atomic import replacing
from workflow.job import run
from workflow.peak_memory import peak_bytes
from workflow.picture_sets import picture_set
from workflow.probing import Probe, scores_of

WIDTHS = (0.6, 1.0, 1.5, 2.0, 3.0, 4.0)  # pixels, of the Gaussian blurs of which the truth chooses the best


def probe_resolution(
    *,
    weights: Path,
    panels: Path,
    scores: Path,
    memory: Path,
    probe: dict,
    sources: dict,
    name: list,
    device: str,
    threads: int,
) -> None:
    """`memory`: peak above what the process held before any picture, each picture and result included."""
    pixels, tried = probe["pixels"], Probe(weights.parent, probe["sigma"], device, threads)
    tried.denoise(np.zeros((1, 32, 32), np.float32))  # what is loaded when it is first used
    before, needed = peak_bytes(tried.device), []
    for side in sorted(probe["memory"]):
        clock = time.perf_counter()
        tried.denoise(np.zeros((1, side, side), np.float32))
        seconds = time.perf_counter() - clock
        needed.append({"pixels": side, "peak_mb": (peak_bytes(tried.device) - before) / 1e6, "seconds": seconds})
    pictures, splits, names = picture_set(sources, probe["pictures"], pixels)
    noisy = tried.noisy(pictures, *name)
    made = tried.denoise(noisy)
    rows = [
        {"split": split, "picture": names[i], "pixels": pixels, "sigma": probe["sigma"]}
        | scores_of(made[i], pictures[i])
        | {f"{score}_noisy": value for score, value in scores_of(noisy[i], pictures[i]).items()}
        | {"psnr_blurred": max(scores_of(gaussian_filter(noisy[i], width), pictures[i])["psnr"] for width in WIDTHS)}
        for i, split in enumerate(splits)
    ]
    for table, target in ((rows, scores), (needed, memory)):
        with replacing(target) as path:
            pd.DataFrame(table).to_csv(path, index=False)
    hdf5.write(panels, {"probe": probe, "pictures": names}, truth=pictures, noisy=noisy, denoised=made)


if __name__ == "__main__":
    run(snakemake, probe_resolution)
