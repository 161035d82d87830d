"""Figure 10: radio images of two sizes, truth and reconstructions above, the way of the iterations below."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.patches import Ellipse

from lofi.drawing.style import save, show_sky, style
from lofi.io.stack import Stack
from simulations.radio_observation import read_observation
from workflow.drawing import label
from workflow.job import run

ERROR, LINEAR = 0.1, 0.01  # of the peak: range of the error's colours, and where they turn from linear to logarithmic
PANELS = {"sigma": "denoiser level σ / peak", "chi2": "χ²/M", "snr": "SNR [dB]", "change": "relative change"}


def fig10(
    *, observations: list[Path], images: list[Path], methods: list[str], number: int, png: Path, pdf: Path
) -> None:
    """`images` and CSV files lie beside `observations`; `number`: of the sky; the error is that of the last method."""
    plt, folders = style(), [path.parent for path in observations]
    width, height = 2.0 * (len(methods) + 2), 2.15 * len(folders) + 2.9
    figure = plt.figure(figsize=(width, height), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[height - 2.3, 2.3])
    axes = above.subplots(len(folders), len(methods) + 2, squeeze=False)
    lines = below.subplots(1, len(PANELS))
    for index, folder in enumerate(folders):
        drawn = draw_row(axes[index], folder, images, methods, number)
        draw_traces(lines, folder, methods, number, f"C{index}")
    for panel, method in zip(axes[0, 1:-1], methods, strict=True):
        panel.set_title(label(method))
    axes[0, 0].set_title("truth")
    axes[0, -1].set_title(f"{label(methods[-1])} − truth")
    bars = (axes[:, :-1], "brightness / peak", [0, 0.01, 0.1, 1]), (axes[:, -1:], "error / peak", [-0.1, 0, 0.1])
    for image, (columns, text, ticks) in zip(drawn, bars, strict=True):
        size = {"shrink": 0.5, "aspect": 50} if len(ticks) == 4 else {"shrink": 0.9, "aspect": 18}
        bar = above.colorbar(image, ax=columns, location="bottom", label=text, **size)
        bar.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
        bar.minorticks_off()
    for panel, (column, text) in zip(lines, PANELS.items(), strict=True):
        panel.set(xlabel="iteration", ylabel=text)
        if column != "snr":
            panel.set_yscale("log")
            panel.yaxis.set_major_locator(mpl.ticker.LogLocator(subs=(1, 2, 5)))
            panel.yaxis.set_major_formatter("{x:g}")
            panel.yaxis.set_minor_formatter("")
    lines[1].axhline(1, color="0.6", lw=0.8)
    lines[0].legend()
    save(figure, [png, pdf])


def draw_row(
    axes: Sequence[Axes], folder: Path, images: list[Path], methods: list[str], number: int
) -> tuple[AxesImage, AxesImage]:
    """Truth with the beam, reconstructions with their SNR, and the error; returns an image of each colour map."""
    observed = read_observation(folder / "observation.h5")
    truth, problem = observed.truth[number], observed.first_problem(number)
    pixels, (bmaj, bmin, bpa) = observed.pixels, observed.beam
    show_sky(axes[0], truth)
    axes[0].set_ylabel(folder.name)
    axes[0].set_xlabel(f"{pixels} × {pixels} pixels" + (f" of {c:g}″" if (c := observed.cell_arcsec) else ""))
    place = 0.02 * pixels + bmaj
    axes[0].add_patch(Ellipse((place, place), bmin, bmaj, angle=bpa, color="white", lw=0))
    for panel, method in zip(axes[1:-1], methods, strict=True):
        estimate = Stack([path for path in images if path.parent == folder / method], "images")[problem]
        sky = show_sky(panel, estimate)
        row = pd.read_csv(folder / f"{method}.csv").set_index("problem").loc[problem]
        panel.set_xlabel(f"SNR {row['snr']:.1f} dB, χ²/M {row['chi2']:.3g}")
    norm = mpl.colors.AsinhNorm(linear_width=LINEAR, vmin=-ERROR, vmax=ERROR)
    error = axes[-1].imshow(estimate - truth, norm=norm, cmap="RdBu_r", interpolation="auto")
    axes[-1].set(xticks=[], yticks=[])
    return sky, error


def draw_traces(axes: Sequence[Axes], folder: Path, methods: list[str], number: int, color: str) -> None:
    """Columns of the traces against iteration: the sky that is shown in full colour, all others faint."""
    shown = read_observation(folder / "observation.h5").first_problem(number)
    for method, dashes in zip(reversed(methods), ("-", "--", ":", "-.") * len(methods), strict=False):
        rows = pd.read_csv(folder / f"{method}.trace.csv")
        for problem, trace in rows.groupby("problem"):
            bold = problem == shown
            look = {"lw": 1.6, "zorder": 3, "label": f"{label(method)}, {folder.name}"} if bold else {"lw": 0.5}
            for panel, column in zip(axes, PANELS, strict=True):
                panel.plot(trace["iteration"], trace[column], dashes, color=color, alpha=1 if bold else 0.35, **look)


if __name__ == "__main__":
    run(snakemake, fig10)
