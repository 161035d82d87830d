"""Pictures of which a random part of the pixels is missing."""

from pathlib import Path

import numpy as np

from lofi.io import hdf5
from lofi.seeds import stream
from workflow.job import run
from workflow.picture_sets import picture_set

FEWEST = 60  # seen pixels: some are held out, and triangles need corners


def inpainting_problem(*, problem: Path, inpainting: dict, sources: dict, name: list) -> None:
    """Each pixel is seen with the probability `kept`; masks are those of the pictures' numbers."""
    pixels, kept = inpainting["pixels"], inpainting["kept"]
    truth, splits, pictures = picture_set(sources, inpainting["pictures"], pixels)
    mask = np.stack([stream(*name, i).random((pixels, pixels)) < kept for i in range(len(truth))])
    if mask.sum((1, 2)).min() < FEWEST:
        raise ValueError(f"fewer than {FEWEST} pixels of a picture of {pixels} × {pixels} are seen; kept is {kept}")
    record = {"kept": kept, "splits": splits, "pictures": pictures, "seed": list(name)}
    hdf5.write(problem, record, truth=truth, mask=mask, observed=np.where(mask, truth, 0))


if __name__ == "__main__":
    run(snakemake, inpainting_problem)
