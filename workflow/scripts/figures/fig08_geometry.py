"""Beside Figure 8: a picture of each experiment, observed, restored and true, and the coordinates that were learned."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.drawing.style import save, show_map, style
from lofi.io import hdf5
from lofi.io.stack import Stack
from workflow.drawing import label
from workflow.job import run

MODEL = "inr_lofi"
LINES = 8  # drawn of each coordinate
COLOURS = ("#0072B2", "#D55E00")  # of lines of one x, of one y


def fig08_geometry(
    *,
    data: list[Path],
    reconstructions: list[Path],
    scores: list[Path],
    maps: list[Path],
    figures: dict,
    png: Path,
    pdf: Path,
) -> None:
    """`figures`: {experiment: its `figure`}, of which the first image is shown. Files lie in folders named so."""
    plt = style()
    data, reconstructions, scores, maps = (
        _by_experiment(paths, figures) for paths in (data, reconstructions, scores, maps)
    )
    shape = len(figures), 5
    figure, axes = plt.subplots(*shape, figsize=(9.4, 2.0 * shape[0]), layout="constrained", squeeze=False)
    for panels, (name, own) in zip(axes, figures.items(), strict=True):
        split, number = next(iter(own["images"].items()))
        rows = pd.concat([pd.read_csv(path) for path in scores[name]]).set_index(["model", "split", "image"])
        observed, truth = (Stack(data[name], kind)[number][0] for kind in ("observed", "truth"))
        estimate = Stack(reconstructions[name], split)[number][0]
        _, learned, true, visible = hdf5.read(*maps[name], "learned", "true", "visible")
        for panel, picture in zip(panels, (observed, estimate, truth), strict=False):
            show_map(panel, picture, truth.max(), cmap="gray", low=truth.min())
            if panel is not panels[0] and not visible.all():
                panel.contour(visible, [0.5], colors="#E69F00", linewidths=0.8)
        for panel, model in zip(panels, ("identity", MODEL), strict=False):
            row = rows.loc[model, split, number]
            panel.set_title(f"{label(model, observed='observed')}\n{row['psnr']:.2f} dB, {row['ssim']:.3f}")
        panels[2].set_title("truth\n")
        panels[0].set_ylabel(name)
        _draw_lines(panels[3], observed, learned, true, visible)
        panels[3].set_title("where lines of the\ntruth are looked for")
        error = np.where(visible, np.linalg.norm(learned - true, axis=-1), np.nan)
        drawn = show_map(panels[4], error, np.nanpercentile(error, 99), cmap="viridis", low=0)
        panels[4].set_title(f"error of coordinates\nrms {np.sqrt(np.nanmean(error**2)):.2f} pixels")
        figure.colorbar(drawn, ax=panels[4], label="pixels", extend="max")
    save(figure, [png, pdf])


def _draw_lines(panel, observed, learned, true, visible):
    """Where lines of one x, and of one y, of the truth lie in the observed picture."""
    panel.imshow(observed, cmap="gray", alpha=0.35)
    chosen = np.linspace(0, len(true) - 1, LINES).round().astype(int)
    for axis, colour in zip((1, 0), COLOURS, strict=True):
        for line in chosen:
            shown = np.take(visible, line, axis)
            for places, look in ((learned, {"color": colour}), (true, {"color": "black", "ls": ":", "lw": 0.8})):
                x, y = np.where(shown, np.take(places, line, axis).T, np.nan)
                panel.plot(x, y, **look)
    panel.set(xticks=[], yticks=[])


def _by_experiment(paths, experiments):
    return {name: [path for path in paths if name in path.parts] for name in experiments}


if __name__ == "__main__":
    run(snakemake, fig08_geometry)
