"""Figure 6: one test field, truth and reconstructions above, their errors below."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.drawing.style import save, show_map, style
from lofi.io.stack import Stack, by_folder
from workflow.drawing import label
from workflow.job import run


def fig06(
    *,
    data: list[Path],
    reconstructions: list[Path],
    scores: list[Path],
    models: list[str],
    split: str,
    number: int,
    png: Path,
    pdf: Path,
) -> None:
    """`reconstructions`: in folders named after models. `scores`: CSV files, for the titles."""
    plt, reconstructions = style(), by_folder(reconstructions)
    truths = Stack(data, "truth")
    truth = truths[number][0]
    rows = (
        pd.concat([pd.read_csv(path) for path in scores]).query("split == @split and map == @number").set_index("model")
    )
    limit, error_limit = np.abs(truth).max() * 0.6, 3 * truth.std()
    figure, axes = plt.subplots(2, len(models) + 1, figsize=(1.75 * (len(models) + 1), 4.0), layout="constrained")
    top = show_map(axes[0, 0], truth, limit, low=-0.04)
    axes[0, 0].set_title("truth")
    axes[1, 0].axis("off")
    axes[1, 0].text(
        0.5,
        0.5,
        f"{truths.record['description']}\n\nbelow: estimate − truth",
        ha="center",
        va="center",
        wrap=True,
        size=7,
    )
    for column, model in enumerate(models, start=1):
        estimate = Stack(reconstructions[model], split)[number][0]
        show_map(axes[0, column], estimate, limit, low=-0.04)
        row = rows.loc[model]
        axes[0, column].set_title(f"{label(model)}\n{row['psnr']:.2f} dB, r = {row['pearson_r']:.3f}")
        bottom = show_map(axes[1, column], estimate - truth, error_limit, cmap="RdBu_r")
        axes[1, column].set_xlabel(f"RMSE {row['rmse']:.5f}")
    figure.colorbar(top, ax=axes[0, -1], label="κ")
    figure.colorbar(bottom, ax=axes[1, -1], label="error of κ")
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, fig06)
