"""Figure 9: pictures with missing pixels and what methods fill in, close up."""

from pathlib import Path

import pandas as pd
from matplotlib.patches import Rectangle

from lofi.drawing.style import save, show_map, style
from lofi.io import hdf5
from lofi.io.stack import by_folder
from workflow.close_up import busiest_square
from workflow.drawing import label
from workflow.job import run

CLOSE_UP = 4  # of the side of a picture


def fig09(
    *,
    problems: list[Path],
    images: list[Path],
    scores: list[Path],
    methods: list[str],
    splits: list[str],
    png: Path,
    pdf: Path,
) -> None:
    """One row for each problem and each split, of which the first picture is drawn.

    `problems` lie in folders of their own, `images` beside them, in the order of `methods`.
    """
    plt, images = style(), by_folder(images)
    rows = pd.concat([pd.read_csv(path) for path in scores]).set_index(["inpainting", "method", "picture"])
    shape = len(problems) * len(splits), len(methods) + 3
    figure, axes = plt.subplots(*shape, figsize=(1.5 * shape[1], 1.75 * shape[0]), layout="constrained", squeeze=False)
    lines = iter(axes)
    for name, path in by_folder(problems).items():
        record, truth, observed = hdf5.read(*path, "truth", "observed")
        for split in splits:
            line, i = next(lines), record["splits"].index(split)
            square = busiest_square(truth[i], truth.shape[-1] // CLOSE_UP)
            show_map(line[0], truth[i], 1.0, cmap="gray", low=0)
            line[0].add_patch(_frame(square))
            line[0].set_ylabel(f"{split}: {record['pictures'][i].replace('_', ' ')}")
            line[0].set_title(f"truth, {truth.shape[-1]}²\n")
            show_map(line[1], observed[i][square], 1.0, cmap="gray", low=0)
            line[1].set_title(f"{record['kept']:.0%} kept\n")
            for panel, method, filled in zip(line[2:], methods, images[name], strict=False):
                row = rows.loc[(name, method, record["pictures"][i])]
                show_map(panel, hdf5.read(filled, "images")[1][i][square], 1.0, cmap="gray", low=0)
                panel.set_title(f"{label(method)}\n{row['psnr']:.2f} dB, {row['ssim']:.3f}")
            show_map(line[-1], truth[i][square], 1.0, cmap="gray", low=0)
            line[-1].set_title("truth\n")
    save(figure, [png, pdf])


def _frame(square):
    rows, columns = square
    size = columns.stop - columns.start, rows.stop - rows.start
    return Rectangle((columns.start, rows.start), *size, fill=False, color="#E69F00", lw=1)


if __name__ == "__main__":
    run(snakemake, fig09)
