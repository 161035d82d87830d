"""The whole sky in figures."""

from collections.abc import Mapping
from pathlib import Path

import healpy as hp
import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from lofi.drawing.lensing import SIGNAL_TO_NOISE
from lofi.drawing.style import style, write

WIDTH = 1600  # pixels of a drawn sky
METHODS = {"KAPPA_KS_E": "identity", "KAPPA_SMOOTHED": "gaussian", "KAPPA_WIENER": "wiener", "KAPPA": "lofi"}  # of maps


def show_sphere(axes: Axes, values: np.ndarray, seen: np.ndarray, nside: int, low: float, high: float) -> AxesImage:
    """A HEALPix map, RING, in Mollweide's projection, East to the left, masked pixels grey."""
    x, y = np.meshgrid(np.linspace(2, -2, WIDTH), np.linspace(-1, 1, WIDTH // 2))
    inside = x**2 / 4 + y**2 <= 1
    theta = np.arcsin(np.where(inside, y, 0.0))
    latitude = np.arcsin(np.clip((2 * theta + np.sin(2 * theta)) / np.pi, -1, 1))
    longitude = np.where(inside, np.pi * x / (2 * np.maximum(np.cos(theta), 1e-9)), 0.0)
    pixel = hp.ang2pix(nside, np.pi / 2 - latitude, longitude % (2 * np.pi))
    extent = (2, -2, -1, 1)
    axes.imshow(np.where(inside, 0.8, np.nan), extent=extent, cmap="gray", vmin=0, vmax=1, origin="lower")
    image = np.where(inside & seen[pixel], values[pixel], np.nan)
    drawn = axes.imshow(image, extent=extent, cmap="magma", vmin=low, vmax=high, origin="lower")
    axes.axis("off")
    return drawn


def draw_maps(
    path: str | Path, form: str, maps: Mapping[str, np.ndarray], seen: np.ndarray, nside: int, model: str
) -> None:
    """Draw maps {column: values (pixels,)} of a sky, each on its own scale; KAPPA is titled `model`. With KAPPA_STD
    also that and the signal to noise."""
    panels = {
        "KAPPA": model,
        "KAPPA_STD": f"error of {model}",
        SIGNAL_TO_NOISE: f"{model} over its error",
        "KAPPA_WIENER": "Wiener",
        "KAPPA_SMOOTHED": "KS, smoothed",
        "KAPPA_KS_E": "Kaiser–Squires",
    }
    if "KAPPA_STD" in maps:
        maps = {**maps, SIGNAL_TO_NOISE: maps["KAPPA"] / maps["KAPPA_STD"]}
    panels = {name: title for name, title in panels.items() if name in maps}
    plt, columns = style(), len(panels) // 2
    figure, axes = plt.subplots(2, columns, figsize=(4.5 * columns, 5.0), layout="constrained")
    for panel, (name, title) in zip(axes.flat, panels.items(), strict=True):
        low, high = np.percentile(maps[name][seen], [0.5, 99.8])
        drawn = show_sphere(panel, maps[name], seen, nside, low, high)
        figure.colorbar(drawn, ax=panel, shrink=0.7, label=None if name == SIGNAL_TO_NOISE else "κ")
        panel.set_title(title)
    write(figure, path, form)
    plt.close(figure)
