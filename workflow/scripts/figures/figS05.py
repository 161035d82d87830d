"""Figure S5: the learned filter in the image plane, what training changed of it, and the energy within a radius."""

from pathlib import Path

import numpy as np
from matplotlib.colors import LogNorm

from lofi.drawing.style import save, style
from lofi.io import hdf5
from workflow.filter_support import energy_within, parts
from workflow.job import run

NAMES = {"filter": "learned filter h", "change": "its change, h − δ", "even": "spread evenly"}
DECADES = 4  # of the colour scales


def figS05(*, kernel: Path, png: Path, pdf: Path) -> None:
    plt = style()
    _, response = hdf5.read(kernel, "kernel")
    kernels = parts(response)
    figure, axes = plt.subplots(1, 3, figsize=(9.6, 2.9), layout="constrained")
    height, width = response.shape[-2:]
    extent = np.array([-(width // 2), width - width // 2, -(height // 2), height - height // 2]) - 0.5
    for panel, name in zip(axes, ("filter", "change"), strict=False):
        magnitude = np.sqrt((np.abs(kernels[name]) ** 2).sum(0))
        norm = LogNorm(magnitude.max() * 10.0**-DECADES, magnitude.max(), clip=True)
        drawn = panel.imshow(magnitude, norm=norm, cmap="viridis", extent=extent)
        panel.set(title=NAMES[name], xlabel="x [pixel]")
        figure.colorbar(drawn, ax=panel, label="magnitude", shrink=0.85)
    axes[0].set_ylabel("y [pixel]")
    for (name, part), line in zip(kernels.items(), ("-", "-", ":"), strict=True):
        radii, within = energy_within(part)
        axes[2].step(radii, within, line, where="post", label=NAMES[name], color="0.5" if name == "even" else None)
    axes[2].plot([0, 0, radii[-1]], [0, 1, 1], "k--", lw=0.8, label="at the start, δ")
    axes[2].set(xlabel="radius r [pixel]", ylabel="fraction of the energy within r", ylim=(-0.02, 1.05))
    axes[2].set_box_aspect(1)
    axes[2].legend(loc="lower right", fontsize=7)
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, figS05)
