"""Reconstruct one part of every evaluation split with one model."""

from pathlib import Path

import numpy as np
import torch

from lofi.device import choose
from lofi.io import checkpoint, hdf5
from lofi.io.stack import Stack, by_folder
from lofi.lensing.kaiser_squires import SIGHT, with_sight
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
        first, stop = bounds(len(observed), parts, part)
        channels = _as_trained(observed[first:stop], observed.record, about["channels"], weights, paths)
        images[split] = reconstruct_in_batches(model, torch.from_numpy(channels), device).numpy()
        made_from[split] = observed.record["fingerprint"]
        shard[split] = [first, len(observed)]
    hdf5.write(reconstruction, {"model": about["model"], "data": made_from, "shard": shard}, **images)


def _as_trained(observed, record, channels, weights, paths):
    """Observed images (N, C, H, W) with the channels that a model reads: those held, and the sight if it is told."""
    if channels == [*record["channels"], *SIGHT]:
        return np.stack([with_sight(image, record["pixel_arcmin"], record["redshift"]) for image in observed])
    if channels != record["channels"]:
        held = record["channels"]
        raise ValueError(f"{weights.parent} was trained on {channels}, but {paths[0].parent} holds {held}")
    return observed


if __name__ == "__main__":
    run(snakemake, reconstruct)
