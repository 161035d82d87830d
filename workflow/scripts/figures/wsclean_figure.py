"""The first sky of every comparison: truth, WSClean's best image, that of `lofi image`, and their errors."""

from pathlib import Path

import matplotlib as mpl
import pandas as pd

from lofi.drawing.style import save, show_sky, style
from workflow.compared import expected, read_image, read_sky
from workflow.job import run

ERROR, LINEAR = 0.1, 0.01  # of the peak: range of the error's colours, and where they turn from linear to logarithmic
TITLES = {"wsclean": "WSClean", "lofi": "lofi image"}


def wsclean_figure(*, truths: list[Path], scores: Path, png: Path, pdf: Path) -> None:
    """`scores`: the table that names the images and says which of WSClean's are compared."""
    plt, table = style(), pd.read_csv(scores)
    shown = table[table["compared"] & (table["sky"] == 0)].set_index(["comparison", "imager"])
    skies = {path.parts[-3]: read_sky(path) for path in truths if path.parts[-2] == "0"}
    figure, axes = plt.subplots(
        len(skies), 5, figsize=(10, 2.15 * len(skies) + 0.6), layout="constrained", squeeze=False
    )
    norm = mpl.colors.AsinhNorm(linear_width=LINEAR, vmin=-ERROR, vmax=ERROR)
    for row, (name, sky) in zip(axes, skies.items(), strict=True):
        row[0].set_ylabel(name)
        for column, imager in enumerate(TITLES):
            line = shown.loc[name, imager]
            image = read_image(Path(line["image"]))
            truth = expected(sky, image)
            peak = truth.max()
            if imager == "lofi":
                show_sky(row[0], truth / peak)
            sky_image = show_sky(row[1 + column], image.pixels / peak)
            row[1 + column].set_xlabel(f"SNR {line['snr']:.1f} dB, {line['processor_seconds']:.1f} s")
            error = row[3 + column].imshow(
                (image.pixels - truth) / peak, norm=norm, cmap="RdBu_r", interpolation="auto"
            )
            row[3 + column].set(xticks=[], yticks=[])
    titles = ["truth ∗ beam", *TITLES.values(), *(f"{title} − truth" for title in TITLES.values())]
    for panel, title in zip(axes[0], titles, strict=True):
        panel.set_title(title)
    bars = (
        (sky_image, axes[:, :3], "brightness / peak", [0, 0.01, 0.1, 1]),
        (error, axes[:, 3:], "error / peak", [-0.1, 0, 0.1]),
    )
    for drawn, columns, text, ticks in bars:
        bar = figure.colorbar(drawn, ax=columns, location="bottom", label=text, shrink=0.6, aspect=40)
        bar.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
        bar.minorticks_off()
    save(figure, [png, pdf])


if __name__ == "__main__":
    run(snakemake, wsclean_figure)
