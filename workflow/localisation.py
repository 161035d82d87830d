"""How well the samples of a patch lie where the clean picture is as it is at the centre of the patch.

The network sees the noisy picture; all this is measured on the clean one.
"""

import numpy as np
import pandas as pd
from scipy.ndimage import map_coordinates

from workflow.pixel_kinds import structure

TURNS = np.deg2rad([45, 90, 135, 180, 225, 270, 315])


def contrast(picture, place, offsets):
    """Mean over k of |f(x + Δ_k) − f(x)| of a clean picture (H, W) at a place (row, column).

    `offsets` (…, K, 2) are of (x, y). Between pixels the picture is a cubic spline, reflected about the centres of its
    border pixels. Returns (…).
    """
    positions = np.stack([place[0] + offsets[..., 1], place[1] + offsets[..., 0]])
    values = map_coordinates(np.asarray(picture, np.float64), positions, order=3, mode="mirror")
    return np.abs(values - picture[tuple(place)]).mean(-1)


def turned(offsets):
    """Offsets (…, K, 2) turned about the pixel by 45°, 90°, … 315°: (7, …, K, 2), the same distances elsewhere."""
    cosine, sine = np.cos(TURNS), np.sin(TURNS)
    rotations = np.stack([np.stack([cosine, -sine], -1), np.stack([sine, cosine], -1)], -2)  # (7, 2, 2)
    return np.einsum("rij,...j->r...i", rotations, offsets)


def spread(offsets, direction):
    """Mean squares of offsets (…, K, 2) along a unit vector (2,) and across it: two arrays (…)."""
    along = offsets @ direction
    across = offsets @ np.array([-direction[1], direction[0]])
    return (along**2).mean(-1), (across**2).mean(-1)


def measured(record, places, offsets, truths):
    """What a file of `workflow/scripts/positions.py` says of clean pictures {split: (N, H, W)}, by pixel and step.

    Columns: split, kind, image, step; `contrast` of the offsets and, `contrast_turned`, of the same ones turned (a mean
    over seven angles): equal unless the samples follow the picture; mean squares of the offsets, in pixels², `along`
    and `across` the direction in which the picture changes least.
    """
    rows, directions = [], {}
    for (split, kind, image, *place), steps in zip(places, offsets, strict=True):
        name = record["splits"][split]
        picture = truths[name][image]
        if (name, image) not in directions:
            directions[name, image] = structure(picture)[2]
        along, across = spread(steps, directions[name, image][tuple(place)])
        columns = {
            "step": range(len(steps)),
            "contrast": contrast(picture, place, steps),
            "contrast_turned": contrast(picture, place, turned(steps)).mean(0),
            "along": along,
            "across": across,
        }
        rows.append(pd.DataFrame({"split": name, "kind": record["kinds"][kind], "image": image} | columns))
    return pd.concat(rows, ignore_index=True)


def ratio(above, below):
    """Ratio of the means of two paired samples and its standard error, to first order."""
    value = above.mean() / below.mean()
    return value, (above - value * below).sem() / below.mean()
