"""The simulated convergence against halofit and analytic skies: spectrum, one-point density, peaks, examples."""

from pathlib import Path

import pandas as pd

from lofi.drawing.style import save, show_map, style
from lofi.io import hdf5
from workflow.job import run


def convergence(*, statistics: Path, panels: Path, png: Path, pdf: Path) -> None:
    plt = style()
    rows = pd.read_csv(statistics)
    record, images = hdf5.read(panels, "panels")
    figure = plt.figure(figsize=(1.9 * max(len(images), 4), 5.0), layout="constrained")
    upper, lower = figure.subfigures(2, 1, height_ratios=[1.35, 1])
    axes = upper.subplots(1, 3)
    for axis, statistic in zip(axes, ("power_ratio", "density", "peaks"), strict=True):
        for sky, group in rows[rows["statistic"] == statistic].groupby("sky", sort=False):
            axis.plot(group["x"].astype(float), group["y"], label=sky)
    axes[0].set(xscale="log", ylim=(0.8, 1.2), xlabel="ℓ", ylabel="$C_ℓ$ / halofit")
    axes[0].axhline(1, color="0.6", lw=0.8)
    axes[1].set(yscale="log", ylim=(1e-3, None), xlabel="κ", ylabel="density")
    axes[2].set(yscale="log", ylim=(1e-2, None), xlabel="threshold κ", ylabel="peaks above it per map")
    axes[1].legend(fontsize=6)
    for axis, sky, image in zip(lower.subplots(1, len(images)), record["skies"], images, strict=True):
        drawn = show_map(axis, image, 0.1, low=-0.04)
        axis.set_title(sky, size=7)
    lower.colorbar(drawn, ax=lower.axes[-1], label="κ")
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, convergence)
