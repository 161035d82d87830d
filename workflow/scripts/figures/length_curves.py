"""PSNR on chests and on heads while networks train longer, against the length of the shorter training."""

from pathlib import Path

import pandas as pd

from lofi.drawing.style import save, style
from workflow.drawing import label
from workflow.job import run

PANELS = {"psnr_validation": "chests, in distribution", "psnr_brain": "heads, out of distribution"}


def length_curves(
    *, short_histories: list[Path], long_histories: list[Path], short_table: Path, png: Path, pdf: Path
) -> None:
    """The cross is what the shorter training ended with on the same heads, the ring the best of the longer one."""
    plt = style()
    ended = pd.read_csv(short_table).set_index("model")["brain_psnr"]
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.2), layout="constrained")
    for number, paths in enumerate(zip(short_histories, long_histories, strict=True)):
        short, long = map(pd.read_csv, paths)
        model, color = paths[1].parent.name, f"C{number}"
        lengths = long["step"] / short["step"].iloc[-1]
        for panel, column in zip(axes, PANELS, strict=True):
            panel.plot(lengths, long[column], lw=1.3, color=color, label=label(model))
        best = long["psnr_brain"].idxmax()
        axes[1].plot(lengths[best], long["psnr_brain"][best], "o", ms=5, mfc="none", color=color)
        axes[1].plot(1, ended[model], "x", ms=5, color=color)
    for panel, title in zip(axes, PANELS.values(), strict=True):
        lines = [line.get_ydata() for line in panel.lines]
        high = max(max(line) for line in lines)
        panel.set_ylim(max(min(min(line) for line in lines), high - 4), high + 0.2)
        panel.set(title=title, xlabel="length, in usual trainings", ylabel="PSNR [dB]")
        panel.grid(color="0.9", lw=0.6)
        panel.set_axisbelow(True)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=5)
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, length_curves)
