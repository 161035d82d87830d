"""Figure 3: a slice of each kind, truth and reconstructions above, their errors below."""

import textwrap
from pathlib import Path

import numpy as np
import pandas as pd

from lofi.drawing.style import save, show_map, style
from lofi.io.stack import Stack, by_folder
from workflow.drawing import label
from workflow.job import run


def fig03(
    *,
    data: list[Path],
    reconstructions: list[Path],
    scores: list[Path],
    models: list[str],
    slices: dict,
    png: Path,
    pdf: Path,
) -> None:
    """`data` in folders named after splits, `reconstructions` after models; `slices`: {split: number of its slice}."""
    plt, data, reconstructions = style(), by_folder(data), by_folder(reconstructions)
    rows = pd.concat([pd.read_csv(path) for path in scores]).set_index(["model", "split", "image"])
    shape = 2 * len(slices), len(models) + 1
    figure, axes = plt.subplots(*shape, figsize=(1.45 * shape[1], 1.62 * shape[0]), layout="constrained")
    for place, (split, number) in enumerate(slices.items()):
        above, below = axes[2 * place], axes[2 * place + 1]
        truths = Stack(data[split], "truth")
        truth = truths[number][0]
        top, error = np.percentile(truth, 99.5), 0.1 * np.ptp(truth)
        show_map(above[0], truth, top, cmap="gray", low=0)
        above[0].set_title(f"{split}\ntruth")
        below[0].axis("off")
        remark = textwrap.fill(f"{truths.record['description']}; right: estimate − truth", 20)
        below[0].text(0.5, 0.5, remark, ha="center", va="center", size=6)
        for column, model in enumerate(models, start=1):
            estimate = Stack(reconstructions[model], split)[number][0]
            show_map(above[column], estimate, top, cmap="gray", low=0)
            row = rows.loc[model, split, number]
            above[column].set_title(f"{label(model, observed='FBP')}\n{row['psnr']:.2f} dB, {row['ssim']:.3f}")
            drawn = show_map(below[column], estimate - truth, error, cmap="RdBu_r")
        figure.colorbar(drawn, ax=below[-1], label="error")
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, fig03)
