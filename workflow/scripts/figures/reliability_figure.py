"""How often error bars of convergence maps hold the truth: reliability curve, tenths along guides, map by map."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from lofi.drawing.style import save, style
from workflow.job import run

LEVELS = {"90": "C0", "68": "C1"}
GUIDES = {  # in the table: on the axis, its scale, its ticks
    "estimate": ("estimate, rank in its map", "linear", (0, 0.5, 1)),
    "density": ("galaxies per square arcmin", "log", (5, 10, 20, 50)),
    "distance": ("distance to the mask [arcmin]", "log", (5, 20, 100, 500)),
    "pixel": ("side of a pixel [arcmin]", "log", (0.3, 0.6, 1.2, 2.5, 5)),
}


def reliability_figure(*, table: Path, png: Path, pdf: Path) -> None:
    plt, lines = style(), pd.read_csv(table)
    figure, axes = plt.subplots(2, 3, figsize=(8.4, 5.0), layout="constrained")
    _curve(axes[0, 0], lines)
    for panel, (guide, (title, scale, ticks)) in zip(axes.flat[1:5], GUIDES.items(), strict=True):
        tenths = lines[lines["by"] == guide].groupby("middle", as_index=False).mean(numeric_only=True)
        for level, colour in LEVELS.items():
            panel.axhline(int(level), color=colour, lw=0.8)
            panel.axhspan(int(level) - 2, int(level) + 2, color=colour, alpha=0.15, lw=0)
            panel.plot(tenths["middle"], 100 * tenths[f"coverage_{level}"], "o-", ms=3, color=colour)
        panel.set(xlabel=title, ylabel="truths inside [%]", ylim=(60, 100), xscale=scale)
        panel.minorticks_off()
        panel.set_xticks(ticks, map(str, ticks))
    highest = lines[lines["by"] == "highest"].iloc[0]
    for level, colour in LEVELS.items():
        label = "highest 1 %" if level == "90" else None
        axes[0, 1].plot(0.995, 100 * highest[f"coverage_{level}"], "*", ms=9, color=colour, mec="k", label=label)
    axes[0, 1].legend(loc="center left")
    maps = lines[lines["by"] == "map"]
    per_sky(axes[1, 2], {level: maps[f"coverage_{level}"] for level in LEVELS}, "maps")
    save(figure, [png, pdf])


def _curve(axes, lines):
    """Share of the truths below each quantile against what it should be."""
    below = [name for name in lines.columns if name.startswith("below_")]
    levels = [int(name.removeprefix("below_")) for name in below]
    axes.plot([0, 100], [0, 100], color="0.6", lw=0.8)
    for by, text in (("all", "all pixels"), ("highest", "highest 1 % of each map")):
        axes.plot(levels, 100 * lines[lines["by"] == by][below].iloc[0], "o-", ms=4, label=text)
    axes.set(xlabel="quantile [%]", ylabel="truths below it [%]", xlim=(0, 100), ylim=(0, 100), aspect="equal")
    axes.legend()


def per_sky(axes: Axes, coverages: dict[str, pd.Series], skies: str) -> None:
    """Histogram over `skies` of the coverage (0 to 1) of the intervals of {level in per cent: coverages}."""
    for level, values in coverages.items():
        axes.hist(100 * values, bins=range(0, 102, 2), color=LEVELS[level], alpha=0.6, label=f"{level} %")
        axes.axvline(int(level), color=LEVELS[level], lw=0.8)
    lowest = 100 * min(values.min() for values in coverages.values())
    axes.set(xlabel="truths inside [%]", ylabel=skies, xlim=(lowest - 5, 101))
    axes.legend()


if __name__ == "__main__":
    run(snakemake, reliability_figure)
