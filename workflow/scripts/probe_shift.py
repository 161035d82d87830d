"""A denoiser on noisy pictures and on the same noisy pictures shifted (paper Figure S3)."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.io import hdf5
from lofi.io.atomic import replacing
from workflow.job import run
from workflow.picture_sets import picture_set
from workflow.probing import Probe, scores_of

BORDER = 16  # pixels that reflection at the border of one of the two could reach


def probe_shift(
    *, weights: Path, panels: Path, scores: Path, probe: dict, sources: dict, name: list, device: str, threads: int
) -> None:
    """Both are windows of one wider noisy picture, so that what enters the frame is picture and not border."""
    pixels, shift = probe["pixels"], probe["shift"]
    wide, splits, names = picture_set(sources, probe["pictures"], pixels + shift)
    tried = Probe(weights.parent, probe["sigma"], device, threads)
    noisy = tried.noisy(wide, *name)
    windows = {"original": slice(shift, None), "shifted": slice(0, pixels)}  # the picture moves to the right
    common = {"original": slice(0, pixels - shift), "shifted": slice(shift, pixels)}  # what both show
    made = {key: tried.denoise(noisy[:, :pixels, window]) for key, window in windows.items()}
    rows = []
    for i, split in enumerate(splits):
        row = {"split": split, "picture": names[i], "shift": shift}
        for key, window in windows.items():
            pair = made[key][i], wide[i, :pixels, window]
            found = scores_of(*(image[:, common[key]] for image in pair))
            row |= {f"{score}_{key}": value for score, value in found.items()}
        row["psnr_noisy"] = scores_of(noisy[i], wide[i])["psnr"]
        moved = made["shifted"][i][BORDER:-BORDER, shift + BORDER : -BORDER]
        same = made["original"][i][BORDER:-BORDER, BORDER : -BORDER - shift]
        rows.append(row | {"largest_difference": float(np.abs(moved - same).max())})
    with replacing(scores) as path:
        pd.DataFrame(rows).to_csv(path, index=False)
    arrays = {f"noisy_{key}": noisy[:, :pixels, window] for key, window in windows.items()}
    arrays |= {f"truth_{key}": wide[:, :pixels, window] for key, window in windows.items()}
    hdf5.write(panels, {"probe": probe, "pictures": names}, **arrays, **made)


if __name__ == "__main__":
    run(snakemake, probe_shift)
