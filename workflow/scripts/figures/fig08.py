"""Figure 8: pictures of each kind as they are observed, transposed, as every network restores them, and as they are."""

from pathlib import Path

import pandas as pd

from lofi.drawing.style import save, show_map, style
from lofi.io.stack import Stack, by_folder
from workflow.drawing import label
from workflow.job import run


def fig08(
    *,
    data: list[Path],
    reconstructions: list[Path],
    scores: list[Path],
    models: list[str],
    images: dict,
    png: Path,
    pdf: Path,
) -> None:
    """`data` in folders named after splits, `reconstructions` after models; `images`: {split: its picture}."""
    plt, data, reconstructions = style(), by_folder(data), by_folder(reconstructions)
    rows = pd.concat([pd.read_csv(path) for path in scores]).set_index(["model", "split", "image"])
    shape = len(images), len(models) + 1
    figure, axes = plt.subplots(*shape, figsize=(1.45 * shape[1], 1.75 * shape[0]), layout="constrained", squeeze=False)
    for panels, (split, number) in zip(axes, images.items(), strict=True):
        truth = Stack(data[split], "truth")[number][0]
        for panel, model in zip(panels, models, strict=False):
            row = rows.loc[model, split, number]
            show_map(panel, Stack(reconstructions[model], split)[number][0], truth.max(), cmap="gray", low=truth.min())
            panel.set_title(f"{label(model, observed='transposed')}\n{row['psnr']:.2f} dB, {row['ssim']:.3f}")
        show_map(panels[-1], truth, truth.max(), cmap="gray", low=truth.min())
        panels[-1].set_title("truth\n")
        panels[0].set_ylabel(split)
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, fig08)
