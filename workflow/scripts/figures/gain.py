"""RMSE of each model against the Wiener filter, paired map by map, for each simulation box; and training curves."""

from pathlib import Path

import pandas as pd

from lofi.drawing.style import save, style
from workflow.drawing import label
from workflow.job import run


def gain(*, scores: list[Path], histories: list[Path], split: str, png: Path, pdf: Path) -> None:
    plt = style()
    rows = pd.concat([pd.read_csv(path) for path in scores]).query("split == @split")
    wiener = rows[rows["model"] == "wiener"].set_index("map")["rmse"]
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 2.9), layout="constrained")
    names = [m for m in rows["model"].unique() if m not in ("wiener", "identity", "gaussian")]
    for place, model in enumerate(names):
        own = rows[rows["model"] == model]
        percent = 100 * (own["rmse"].to_numpy() / wiener.loc[own["map"]].to_numpy() - 1)
        groups = [(box, percent[(own["box"] == box).to_numpy()]) for box in sorted(own["box"].unique())]
        for index, (box, values) in enumerate(groups):
            x = place + 0.18 * (index - (len(groups) - 1) / 2)
            axes[0].plot([x] * len(values), values, ".", ms=2, color=f"C{index}", alpha=0.4)
            axes[0].plot(
                x, values.mean(), "_", ms=14, mew=2, color=f"C{index}", label=f"box {box}" if place == 0 else None
            )
    axes[0].set_xticks(range(len(names)), [label(m) for m in names])
    axes[0].axhline(0, color="0.6", lw=0.8)
    axes[0].set_ylabel("RMSE against Wiener [%]")
    axes[0].legend()
    for path in histories:
        history = pd.read_csv(path)
        if len(history):
            axes[1].plot(history["pixels"], history["validation"], ".-", label=label(Path(path).parent.name))
    axes[1].set(xlabel="training pixels", ylabel="validation RMSE")
    axes[1].legend()
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, gain)
