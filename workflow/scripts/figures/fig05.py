"""Figure 5: the test picture, noisy, and as every network that was trained on nine pictures leaves it in the end."""

from pathlib import Path

import pandas as pd

from lofi.drawing.style import save, show_photograph, style
from lofi.io.stack import Stack, by_folder
from workflow.drawing import label
from workflow.job import run


def fig05(*, data: list[Path], reconstructions: list[Path], scores: list[Path], png: Path, pdf: Path) -> None:
    """`reconstructions`: in folders named after models. The first picture of the split `test` is shown."""
    plt = style()
    rows = pd.concat([pd.read_csv(path) for path in scores]).query("split == 'test'").set_index(["model", "image"])
    panels = {"truth": Stack(data, "truth")[0]}
    for model, files in by_folder(reconstructions).items():
        row = rows.loc[(model, 0)]
        title = f"{label(model, observed='noisy')}\n{row['psnr']:.2f} dB, {row['ssim']:.3f}"
        panels[title] = Stack(files, "test")[0]
    columns = -(-len(panels) // 2)
    figure, axes = plt.subplots(2, columns, figsize=(1.9 * columns, 4.4), layout="constrained")
    for panel in axes.flat[len(panels) :]:
        panel.axis("off")
    for panel, (title, picture) in zip(axes.flat, panels.items(), strict=False):
        show_photograph(panel, picture)
        panel.set_title(title)
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, fig05)
