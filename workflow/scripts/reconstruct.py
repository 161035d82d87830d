"""Reconstruct every evaluation split with one model."""

from pathlib import Path

import torch

from lofi import checkpoint
from lofi.device import choose
from lofi.io import hdf5
from workflow.job import job


def reconstruct(*, data, folder, output, device, threads):
    """`data`: files named after their splits. Writes one data set (N, 1, H, W) per split."""
    device = choose(device, threads)
    images, made_from = {}, {}
    for path in map(Path, data):
        record, observed = hdf5.read(path, "observed")
        model, about = checkpoint.load(folder, record["channels"])
        model.to(device)
        with torch.no_grad():
            parts = [model.reconstruct(part.to(device)).cpu() for part in torch.from_numpy(observed).split(16)]
        images[path.stem] = torch.cat(parts).numpy()
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
