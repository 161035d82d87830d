"""Peak memory and time of a batch against resolution, for every network."""

from pathlib import Path

from lofi.drawing.style import save, style
from workflow.cost_tables import read
from workflow.drawing import label
from workflow.job import run

PANELS = {"peak_gb": "peak memory [GB]", "batch_seconds": "time of a batch [s]"}


def cost_figure(*, cells: list[Path], png: Path, pdf: Path) -> None:
    plt = style()
    rows = read(cells)
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.4), layout="constrained")
    for number, model in enumerate(rows["model"].unique()):
        own = rows[rows["model"] == model].sort_values("pixels")
        done, over = own[own["outcome"] == "ok"], own[own["outcome"] == "memory"]
        for panel, measure in zip(axes, PANELS, strict=True):
            panel.plot(done["pixels"], done[measure], "o-", ms=3.5, lw=1.2, color=f"C{number}", label=label(model))
        beside = over["pixels"] * (1 + 0.05 * number)  # so that none hides another
        axes[0].plot(beside, over["memory_limit_gb"], "^", ms=5, mfc="none", color=f"C{number}")
    images = rows.dropna(subset="images_gb").drop_duplicates("pixels").sort_values("pixels")
    axes[0].plot(images["pixels"], images["images_gb"], ":", color="0.5", label="the images themselves")
    least = rows["peak_gb"].fillna(rows["memory_limit_gb"]).min()
    axes[0].set_ylim(0.5 * least, 1.5 * rows["memory_limit_gb"].max())
    axes[0].axhline(rows["memory_limit_gb"].iloc[0], color="0.6", lw=0.8, ls="--")
    for panel, text in zip(axes, PANELS.values(), strict=True):
        panel.set(xscale="log", yscale="log", xlabel="pixels on a side", ylabel=text)
        sides = sorted(rows["pixels"].unique())
        panel.set_xticks(sides, sides)
        panel.minorticks_off()
        panel.grid(color="0.9", lw=0.6)
        panel.set_axisbelow(True)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, cost_figure)
