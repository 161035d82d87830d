"""Figure 4: PSNR while networks train on nine pictures, against passes over their pixels and against iterations."""

from pathlib import Path

from lofi.drawing.style import save, style
from workflow.drawing import label
from workflow.job import run
from workflow.training_curves import read_curves

PANELS = {  # title, horizontal axis, column
    "test picture": ("passes", "psnr_test"),
    "test picture, by iterations": ("step", "psnr_test"),
    "training pictures, other noise": ("passes", "psnr_validation"),
    "training pictures, their own noise": ("passes", "psnr_train"),
}
AXES = {"passes": "passes over the training pixels", "step": "iterations"}


def fig04(*, histories: list[Path], records: list[Path], train: list[Path], figure: dict, png: Path, pdf: Path) -> None:
    plt = style()
    curves = read_curves(histories, records, train)
    rows, columns = len(figure), len(PANELS)
    size = (2.5 * columns, 2.2 * rows + 0.5)
    drawn, axes = plt.subplots(rows, columns, figsize=size, layout="constrained", sharex="col")
    for row, (noise, experiments) in zip(axes, figure.items(), strict=True):
        for panel, (title, (x, y)) in zip(row, PANELS.items(), strict=True):
            own = curves[curves["experiment"].isin(experiments)]
            for number, (model, trainings) in enumerate(own.groupby("model", sort=False)):
                for _, single in trainings.groupby("experiment"):
                    panel.plot(single[x], single[y], lw=0.5, alpha=0.5, color=f"C{number}")
                mean = trainings.groupby(x)[y].mean()
                panel.plot(mean.index, mean, lw=1.4, color=f"C{number}", label=label(model))
            high = own[y].max()
            panel.set_ylim(max(own[y].min(), high - 8), high + 0.3)
            panel.set_title(f"{title}\n(noise of training: {noise})", fontsize=7.5)
            panel.grid(color="0.9", lw=0.6)
            panel.set_axisbelow(True)
        row[0].set_ylabel("PSNR [dB]")
    for panel, (x, _) in zip(axes[-1], PANELS.values(), strict=True):
        panel.set_xlabel(AXES[x])
    drawn.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=7)
    save(drawn, [png, pdf])


if __name__ == "__main__":
    run(snakemake, fig04)
