"""A denoiser on turned pictures (paper Figure S4)."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.ndimage import affine_transform

from lofi.io import hdf5
from lofi.io.atomic import replacing
from workflow.job import run
from workflow.picture_sets import picture_set
from workflow.probing import Probe, scores_of


def probe_rotation(
    *, weights: Path, panels: Path, scores: Path, probe: dict, sources: dict, name: list, device: str, threads: int
) -> None:
    """Multiples of 90° turn the noisy pixels. By other angles the picture is turned (cubic splines, on twice as many
    pixels a side, which are averaged afterwards: interpolation smooths) before the noise is added, which would not stay
    white. Scores are those of the inscribed disc, which every angle shows.
    """
    fine, splits, names = picture_set(sources, probe["pictures"], 2 * probe["pixels"])
    pictures = halved(fine)
    tried = Probe(weights.parent, probe["sigma"], device, threads)
    noisy = tried.noisy(pictures, *name)
    upright = tried.denoise(noisy)
    disc = inscribed_disc(probe["pixels"])
    rows, arrays = [], {}
    for angle in probe["angles"]:
        if angle % 90 == 0:
            truth, seen = (np.rot90(images, angle // 90, (-2, -1)) for images in (pictures, noisy))
        else:
            truth = halved(np.stack([turned(picture, angle) for picture in fine]))
            seen = tried.noisy(truth, *name)
        made = upright if angle == 0 else tried.denoise(seen)
        for i, split in enumerate(splits):
            row = {"split": split, "picture": names[i], "angle": angle} | scores_of(made[i], truth[i], disc)
            row["psnr_noisy"] = scores_of(seen[i], truth[i], disc)["psnr"]
            # how far D(R z) is from R D(z), where that can be told apart from interpolation
            difference = made[i] - np.rot90(upright[i], angle // 90) if angle % 90 == 0 else None
            row["rms_difference"] = None if difference is None else float(np.sqrt(np.mean(difference[disc] ** 2)))
            rows.append(row)
        arrays |= {f"truth_{angle}": truth, f"noisy_{angle}": seen, f"denoised_{angle}": made}
    with replacing(scores) as path:
        pd.DataFrame(rows).to_csv(path, index=False)
    hdf5.write(panels, {"probe": probe, "pictures": names}, **arrays)


def halved(pictures):
    """Means over 2 × 2 pixels."""
    count, height, width = pictures.shape
    return pictures.reshape(count, height // 2, 2, width // 2, 2).mean((2, 4))


def inscribed_disc(pixels):
    """(pixels, pixels) bool."""
    axis = np.arange(pixels) - (pixels - 1) / 2
    return np.hypot(axis[:, None], axis) <= (pixels - 1) / 2


def turned(picture, angle):
    """The picture (N, N) turned as `np.rot90` turns it, by any `angle` in degrees, about its centre."""
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    matrix = np.array([[cosine, sine], [-sine, cosine]])
    centre = np.full(2, (len(picture) - 1) / 2)
    return affine_transform(picture, matrix, centre - matrix @ centre, order=3, mode="reflect").clip(0, 1)


if __name__ == "__main__":
    run(snakemake, probe_rotation)
