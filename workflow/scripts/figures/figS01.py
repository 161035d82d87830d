"""Figure S1: the pictures that networks are trained on, as they are and as the networks see them; the test picture."""

from pathlib import Path

from lofi.drawing.style import save, show_photograph, style
from lofi.io.stack import Stack
from workflow.job import run


def figS01(*, train: list[Path], test: list[Path], png: Path, pdf: Path) -> None:
    plt = style()
    pairs = [(Stack(paths, "truth"), Stack(paths, "observed")) for paths in (train, test)]
    count = len(pairs[0][0]) + 1
    figure, axes = plt.subplots(2, count, figsize=(1.1 * count, 2.5), layout="constrained")
    for column in range(count):
        truth, observed = pairs[column == count - 1]
        number = 0 if column == count - 1 else column
        for panel, picture in zip(axes[:, column], (truth[number], observed[number]), strict=True):
            show_photograph(panel, picture)
        axes[0, column].set_title("test" if column == count - 1 else f"training {column + 1}", fontsize=7)
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, figS01)
