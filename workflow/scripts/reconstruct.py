"""Reconstruct one part of every evaluation split with one model."""

from pathlib import Path

import torch

from lofi.device import choose
from lofi.io import checkpoint, hdf5
from lofi.io.stack import Stack, by_folder
from lofi.models.reconstructor import reconstruct_in_batches
from workflow.job import run
from workflow.shards import bounds


def reconstruct(
    *, data: list[Path], weights: Path, reconstruction: Path, part: int, parts: int, device: str, threads: int
) -> None:
    """`data`: shards in folders named after their splits. Writes one data set (N, 1, H, W) per split."""
    device = choose(device, threads)
    model, about = checkpoint.load(weights.parent)
    model.to(device)
    images, made_from, shard = {}, {}, {}
    for split, paths in by_folder(data).items():
        observed = Stack(paths, "observed")
        if observed.record["channels"] != about["channels"]:
            held = observed.record["channels"]
            raise ValueError(f"{weights.parent} was trained on {about['channels']}, but {paths[0].parent} holds {held}")
        first, stop = bounds(len(observed), parts, part)
        images[split] = reconstruct_in_batches(model, torch.from_numpy(observed[first:stop]), device).numpy()
        made_from[split] = observed.record["fingerprint"]
        shard[split] = [first, len(observed)]
    hdf5.write(reconstruction, {"model": about["model"], "data": made_from, "shard": shard}, **images)


if __name__ == "__main__":
    run(snakemake, reconstruct)
