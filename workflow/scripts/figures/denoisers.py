"""What denoisers gain over the noisy image, and their error in units of the noise, against the noise level."""

from pathlib import Path

import pandas as pd

from lofi.drawing.style import save, style
from workflow.drawing import label
from workflow.job import run


def denoisers(*, table: Path, split: str, png: Path, pdf: Path) -> None:
    plt = style()
    rows = pd.read_csv(table).query("split == @split")
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.0), layout="constrained")
    for model in rows["model"].unique():
        if model == "identity":
            continue
        own = rows[rows["model"] == model].sort_values("level")
        for panel, measure in zip(axes, ("gain", "rmse_sigma"), strict=True):
            panel.errorbar(
                own["level"],
                own[measure],
                own[f"{measure}_se"],
                marker="o",
                ms=3,
                capsize=2,
                label=label(model),
            )
    for panel, text in zip(axes, ("gain over the noisy image [dB]", "RMSE / σ"), strict=True):
        panel.set(xscale="log", xlabel="noise σ / peak of the image", ylabel=text)
        panel.grid(color="0.9", lw=0.6)
        panel.set_axisbelow(True)
    axes[0].legend()
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, denoisers)
