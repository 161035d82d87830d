"""Where a trained field samples the image around edges, corners and flat parts of the test pictures."""

from pathlib import Path

import numpy as np
import torch

from lofi.field.coordinates import pixel_centres
from lofi.io import checkpoint, hdf5
from lofi.io.stack import Stack, by_folder
from workflow.job import run
from workflow.pixel_kinds import KINDS, chosen_pixels


@torch.no_grad()
def positions(*, data: list[Path], weights: Path, positions: Path, pixels: dict) -> None:
    """Writes `places` (N, 5): split, kind, image, row, column, and `offsets` (N, T + 1, K, 2) of (x, y) in pixels.

    `pixels`: keywords of `workflow.pixel_kinds.chosen_pixels`; they are chosen by the clean pictures, which the field
    does not see. Splits and kinds are numbers of the record's lists.
    """
    model, about = checkpoint.load(weights.parent)
    splits = by_folder(data)
    places, offsets = [], []
    for split, paths in enumerate(splits.values()):
        observed, truth = Stack(paths, "observed"), Stack(paths, "truth")
        for image in range(len(truth)):
            chosen = chosen_pixels(truth[image][0], **pixels)
            at = np.concatenate([chosen[kind] for kind in KINDS])
            places += [(split, i // pixels["count"], image, *place) for i, place in enumerate(at)]
            offsets.append(_offsets(model, torch.from_numpy(observed[image])[None], at))
    record = {"model": about["model"], "splits": list(splits), "kinds": list(KINDS), "pixels": pixels}
    hdf5.write(positions, record, places=np.array(places), offsets=np.concatenate(offsets))


def _offsets(model, observed, at):
    """(N, T + 1, K, 2) at places (N, 2) of an observation (1, C, H, W)."""
    stack, _ = model.inputs(observed)
    shape = observed.shape[-2:]
    centres = pixel_centres(shape, pixels=torch.from_numpy(at[:, 0] * shape[1] + at[:, 1]))[None]
    steps = model.network.offsets(model.network.prepare(stack), centres)
    return torch.stack([step.expand(1, len(at), *step.shape[-2:])[0] for step in steps], dim=1).numpy()


if __name__ == "__main__":
    run(snakemake, positions)
