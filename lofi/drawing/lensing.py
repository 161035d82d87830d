"""The maps of one observed field side by side."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy.wcs import WCS

from lofi.drawing.style import style, write

SIGNAL_TO_NOISE = "KAPPA / KAPPA_STD"


def draw_observation(path: str | Path, maps: Mapping[str, np.ndarray], wcs: WCS, form: str, model: str) -> None:
    """Draw the maps {HDU name: image} of one observed field, East to the left; KAPPA is titled with the `model`."""
    panels = {
        "KAPPA": model,
        "KAPPA_STD": f"error of {model}",
        SIGNAL_TO_NOISE: f"{model} over its error",
        "KAPPA_JOINT": f"{model}, all bins",
        "KAPPA_WIENER": "Wiener",
        "KAPPA_SMOOTHED": "KS E, smoothed",
        "KAPPA_KS_E": "KS E",
        "KAPPA_KS_B": "KS B",
        "NOISE_STD": "noise per pixel",
    }
    if "KAPPA_STD" in maps:
        maps = {**maps, SIGNAL_TO_NOISE: maps["KAPPA"] / maps["KAPPA_STD"]}
    panels = {name: title for name, title in panels.items() if name in maps}
    plt = style()
    rows = -(-len(panels) // 3)
    figure = plt.figure(figsize=(8.4, 2.6 * rows), layout="compressed")
    for index, (name, title) in enumerate(panels.items()):
        axes = figure.add_subplot(rows, 3, index + 1, projection=wcs)
        image = maps[name]
        high = np.nanpercentile(np.abs(image), 99.7)
        positive = name in ("NOISE_STD", "KAPPA_STD")
        low, colours = (0, "viridis") if positive else (-high, "magma")
        drawn = axes.imshow(image, vmin=low, vmax=high, cmap=colours)
        axes.set_title(title)
        for axis, text in ((axes.coords[0], "RA"), (axes.coords[1], "Dec")):
            axis.set_axislabel(text if index == 0 else " ")
            axis.set_ticklabel(size=6)
            axis.set_ticks(number=4)
        figure.colorbar(drawn, ax=axes, shrink=0.8)
    write(figure, path, form)
    plt.close(figure)
