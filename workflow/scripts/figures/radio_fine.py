"""One field at two pixel sizes: what the telescope measured, and what priors add beyond its longest baseline."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from lofi.drawing.style import save, show_sky, style
from lofi.image_scores import tapered
from lofi.io.stack import Stack
from lofi.metrics import band_powers
from simulations.radio_observation import read_observation
from workflow.drawing import label
from workflow.job import run

EDGES = np.linspace(0, 2, 25)  # of the bins, in units of the longest baseline


def radio_fine(
    *,
    observations: list[Path],
    images: list[Path],
    details: Path,
    methods: list[str],
    number: int,
    png: Path,
    pdf: Path,
) -> None:
    """`observations`: the coarse and the fine one of the same skies; `images` beside them; `details`: scores."""
    plt, folders = style(), [path.parent for path in observations]
    figure = plt.figure(figsize=(2.1 * (len(methods) + 1), 7.6), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[2.6, 1])
    axes = above.subplots(len(folders), len(methods) + 1)
    corner = corner_about_peak(read_observation(observations[0]).truth[number])
    for row, folder in zip(axes, folders, strict=True):
        drawn = draw_row(row, folder, images, methods, number, corner)
    bar = above.colorbar(drawn, ax=axes, location="bottom", label="brightness / peak", shrink=0.5, aspect=60)
    bar.set_ticks([0, 0.01, 0.1, 1], labels=["0", "0.01", "0.1", "1"])
    bar.minorticks_off()
    left, right = below.subplots(1, 2, width_ratios=[1.2, 1])
    fine = folders[-1]
    draw_spectra(left, fine, images, methods)
    rows = pd.read_csv(details).query("inversion == @fine.name").set_index("method")
    draw_bars(right, rows)
    save(figure, [png, pdf])


def corner_about_peak(image: np.ndarray) -> np.ndarray:
    """(row, column) of the first pixel, as fractions of the image, of the quarter of its area about its peak."""
    place = np.array(np.unravel_index(image.argmax(), image.shape)) / image.shape
    return (place - 0.25).clip(0, 0.5)


def draw_row(
    axes: Sequence[Axes], folder: Path, images: list[Path], methods: list[str], number: int, corner: np.ndarray
) -> AxesImage:
    """Truth and reconstructions of one pixel size, a quarter of the field; SNR inside and outside the sampled disc."""
    observed = read_observation(folder / "observation.h5")
    problem, pixels, cell = observed.first_problem(number), observed.pixels, observed.cell_arcsec
    axes[0].set_ylabel(f"{folder.name}: {pixels}²" + (f", {cell:g}″" if cell else ""))
    rows, columns = (slice(round(c * pixels), round(c * pixels) + pixels // 2) for c in corner)
    show_sky(axes[0], observed.truth[number, rows, columns])
    axes[0].set_title("truth")
    for panel, method in zip(axes[1:], methods, strict=True):
        estimate = Stack(_parts(images, folder, method), "images")[problem]
        drawn = show_sky(panel, estimate[rows, columns])
        row = pd.read_csv(folder / f"{method}.csv").set_index("problem").loc[problem]
        panel.set_title(label(method))
        panel.set_xlabel(f"SNR {row['snr_inside']:z.1f} dB measured,\n{row['snr_outside']:z.1f} dB beyond")
    return drawn


def draw_spectra(axes: Axes, folder: Path, images: list[Path], methods: list[str]) -> None:
    """SNR of the Fourier modes, by spatial frequency, of all skies together."""
    observed = read_observation(folder / "observation.h5")
    truth, longest = observed.truth[observed.image], np.hypot(observed.x, observed.y).max()
    for method in methods:
        estimates = Stack(_parts(images, folder, method), "images")[:]
        pairs = zip(tapered(estimates), tapered(truth), strict=True)
        powers = [band_powers(estimate, true, 1.0, EDGES * longest) for estimate, true in pairs]
        # Each sky counts alike: its powers are divided by the total power of its truth.
        signal, error = (
            np.mean([part(p) / np.nansum(p["truth"]) for p in powers], axis=0)
            for part in (lambda p: p["truth"], lambda p: p["estimate"] + p["truth"] - 2 * p["cross"])
        )
        axes.plot((EDGES[1:] + EDGES[:-1]) / 2, 10 * np.log10(signal / error), ".-", label=label(method))
    axes.axvspan(1, EDGES[-1], color="0.93", zorder=0)
    axes.axhline(0, color="0.6", lw=0.8)
    axes.text(1.03, 0.97, "beyond every baseline", transform=axes.get_xaxis_transform(), va="top", size=8, color="0.3")
    axes.set(xlabel="spatial frequency / longest baseline", ylabel="SNR of the modes [dB]", xlim=(0, EDGES[-1]))
    axes.legend()


def _parts(images: list[Path], folder: Path, method: str) -> list[Path]:
    return [path for path in images if path.parent == folder / method]


def draw_bars(axes: Axes, rows: pd.DataFrame) -> None:
    """SNR inside and outside the sampled disc for each method, of all skies together."""
    places = np.arange(len(rows))
    for shift, side, text in ((-0.2, "inside", "measured"), (0.2, "outside", "beyond")):
        axes.barh(places + shift, rows[f"snr_{side}"], 0.38, label=text)
    axes.set_yticks(places, [label(method) for method in rows.index])
    axes.set(xlabel="SNR [dB], all skies", ylim=(len(rows) - 0.4, -1.6))
    axes.axvline(0, color="0.6", lw=0.8)
    axes.legend(loc="upper right", ncols=2)


if __name__ == "__main__":
    run(snakemake, radio_fine)
