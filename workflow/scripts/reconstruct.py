"""Reconstruct every evaluation split with one model."""

from pathlib import Path

import torch

from lofi import checkpoint
from lofi.device import choose
from lofi.io import hdf5
from lofi.reconstructor import reconstruct_in_batches
from workflow.job import job


def reconstruct(*, data, folder, output, device, threads):
    """`data`: files named after their splits. Writes one data set (N, 1, H, W) per split."""
    device = choose(device, threads)
    model, about = checkpoint.load(folder)
    model.to(device)
    images, made_from = {}, {}
    for path in map(Path, data):
        record, observed = hdf5.read(path, "observed")
        if record["channels"] != about["channels"]:
            raise ValueError(f"{folder} was trained on {about['channels']}, but {path} holds {record['channels']}")
        images[path.stem] = reconstruct_in_batches(model, torch.from_numpy(observed), device).numpy()
        made_from[path.stem] = record["fingerprint"]
    hdf5.write(output, {"model": about["model"], "data": made_from}, **images)


with job(snakemake):
    reconstruct(
        data=snakemake.input.data,
        folder=snakemake.params.folder,
        output=snakemake.output[0],
        device=snakemake.params.device,
        threads=snakemake.threads,
    )
