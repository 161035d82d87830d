"""One field: truth, estimate, error and signal to noise, and what is wrong in units of the error."""

from pathlib import Path

import numpy as np

from lofi.drawing.style import save, show_map, style
from lofi.io import hdf5
from workflow.job import run


def error_maps(*, panels: Path, png: Path, pdf: Path) -> None:
    """`panels`: truth, estimate and standard deviation (3, H, W), NaN where masked."""
    plt, (_, (truth, estimate, std)) = style(), hdf5.read(panels, "panels")
    high = np.nanpercentile(truth, 99.7)
    shown = {
        "truth": (truth, high, -high / 2, "magma", "κ"),
        "estimate": (estimate, high, -high / 2, "magma", "κ"),
        "its error": (std, np.nanmax(std), 0, "viridis", "standard deviation of κ"),
        "signal to noise": (estimate / std, 4, -4, "RdBu_r", "estimate over error"),
        "truth less estimate": ((truth - estimate) / std, 4, -4, "RdBu_r", "in units of the error"),
    }
    figure, axes = plt.subplots(1, len(shown), figsize=(11.5, 2.7), layout="constrained")
    for panel, (title, (image, limit, low, colours, unit)) in zip(axes, shown.items(), strict=True):
        drawn = show_map(panel, image, limit, cmap=colours, low=low)
        panel.set_title(title)
        figure.colorbar(drawn, ax=panel, location="bottom", label=unit, shrink=0.9)
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, error_maps)
