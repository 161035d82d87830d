"""Figure 7: where fields of T = 0, 1, … sample the image around an edge, a corner and a flat part of a test picture."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.drawing.style import save, style
from lofi.io import hdf5
from lofi.io.stack import Stack
from workflow.drawing import label
from workflow.job import run

NAMES = {"edge": "an edge", "corner": "a corner", "flat": "a flat part"}
REACH = 10.5  # pixels around the centre of a close-up


def fig07(
    *, data: list[Path], positions: list[Path], scores: list[Path], split: str, image: int, png: Path, pdf: Path
) -> None:
    """`positions`: HDF5 files named after their models. Of each kind the first pixel of this image is shown."""
    plt = style()
    backgrounds = {"noisy": Stack(data, "observed")[image][0], "clean": Stack(data, "truth")[image][0]}
    psnr = pd.concat([pd.read_csv(path) for path in scores]).set_index(["model", "split", "image"])["psnr"]
    figure, axes = plt.subplots(
        2 * len(NAMES),
        len(positions) + 1,
        figsize=(1.5 * (len(positions) + 1), 3.06 * len(NAMES)),
        layout="constrained",
    )
    for column, path in enumerate(positions, start=1):
        shown = _first_of_each_kind(path, split, image)
        name = Path(path).stem
        axes[0, column].set_title(f"{label(name)}\n{psnr[name, split, image]:.2f} dB")
        for number, kind in enumerate(NAMES):
            row, place, offsets = 2 * number, *shown[kind]
            for context, panel, (what, picture) in zip(
                axes[row : row + 2, 0], axes[row : row + 2, column], backgrounds.items(), strict=True
            ):
                _draw(panel, picture)
                _samples(panel, place, offsets)
                if column == 1:
                    _draw(context, picture)
                    context.set_ylabel(f"{NAMES[kind]}, {what}")
                    corner = place[1] - REACH, place[0] - REACH
                    context.add_patch(plt.Rectangle(corner, 2 * REACH, 2 * REACH, fill=False, color="C4", lw=1.2))
    axes[0, 0].set_title(f"{split}\nnumber {image}")
    save(figure, [png, pdf])


def _first_of_each_kind(path, split, image):
    """{kind: (place, offsets of the last step)}."""
    record, places, offsets = hdf5.read(path, "places", "offsets")
    own = (places[:, 0] == record["splits"].index(split)) & (places[:, 2] == image)
    found = {}
    for number, kind in enumerate(record["kinds"]):
        first = np.flatnonzero(own & (places[:, 1] == number))[0]
        found[kind] = places[first, 3:], offsets[first, -1]
    return found


def _draw(panel, picture):
    panel.imshow(picture, vmin=0, vmax=1, cmap="gray")
    panel.set(xticks=[], yticks=[])


def _samples(panel, place, offsets):
    panel.scatter(place[1] + offsets[:, 0], place[0] + offsets[:, 1], s=5, color="C1", edgecolor="white", linewidth=0.3)
    panel.plot(place[1], place[0], "+", color="C5", markersize=9, markeredgewidth=1.6)
    panel.set(xlim=(place[1] - REACH, place[1] + REACH), ylim=(place[0] - REACH, place[0] + REACH))


if __name__ == "__main__":
    run(snakemake, fig07)
