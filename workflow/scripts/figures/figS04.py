"""Figure S4: a noisy picture upright and turned, what the denoiser makes of them; the loss against the angle."""

from pathlib import Path

import numpy as np
import pandas as pd

from lofi.drawing.style import save, show_map, style
from lofi.io import hdf5
from workflow.job import run


def figS04(*, panels: Path, scores: Path, png: Path, pdf: Path) -> None:
    """The first picture is drawn at 0°, 90° and the angle nearest to 45°; the curves are means over a split."""
    plt = style()
    rows = pd.read_csv(scores)
    angles = sorted(rows["angle"].unique())
    shown = [0, *dict.fromkeys(min(angles, key=lambda angle: abs(angle - wanted)) for wanted in (90, 45))]
    figure, axes = plt.subplots(2, len(shown) + 1, figsize=(2.1 * (len(shown) + 1.3), 4.5), layout="constrained")
    for column, angle in zip(axes.T, shown, strict=False):
        own = rows[(rows["angle"] == angle)].iloc[0]
        for panel, name in zip(column, ("noisy", "denoised"), strict=True):
            show_map(panel, hdf5.read(panels, f"{name}_{angle}")[1][0], 1.0, cmap="gray", low=0)
        column[0].set_title(f"noisy, {angle}°")
        column[1].set_title(f"LoFi\n{own['psnr']:.2f} dB, {own['ssim']:.3f}")
    upright = rows[rows["angle"] == 0].set_index("picture")["psnr"]
    rows["gain"] = rows["psnr"] - rows["picture"].map(upright)
    top, below = axes[:, -1]
    for split, own in rows.groupby("split", sort=False):
        means = own.groupby("angle")["gain"].agg(["mean", "sem"])
        top.errorbar(means.index, means["mean"], means["sem"].fillna(0), marker="o", ms=3, lw=1, label=split)
    top.axhline(0, color="0.6", lw=0.8)
    top.set(xlabel="angle [degrees]", ylabel="PSNR − PSNR upright [dB]", xticks=np.arange(0, 271, 90))
    top.legend()
    below.axis("off")
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, figS04)
