"""What figures share: the style, the names of models, saving in every format at once."""

from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("agg")
import matplotlib.pyplot as plt

from lofi.io.atomic import replacing

STYLE = Path(__file__).parent / "resources" / "figures.mplstyle"
LABELS = {
    "gaussian": "KS, smoothed",
    "wiener": "Wiener",
    "wiener_curve": "Wiener + curve",
    "unet": "U-Net",
    "dncnn": "DnCNN",
    "ircnn": "IRCNN",
    "unet_plain": "U-Net",
    "drunet": "DRU-Net",
    "lofi_plain": "LoFi",
    "lofi_filter": "LoFi with filter",
    "dncnn_tiny": "DnCNN",
    "ircnn_tiny": "IRCNN",
    "unet_tiny": "U-Net",
    "drunet_tiny": "DRU-Net",
    "local_tiny": "local CNN",
    "lofi_tiny": "LoFi",
    "lofi_geometry_0": "T = 0",
    "lofi_geometry_1": "T = 1",
    "lofi_geometry_2": "T = 2",
    "lofi_geometry_3": "T = 3",
    "lofi_geometry_wide": "T = 0, wide",
    "lofi_geometry_free": "T = 0, free",
    "lofi_geometry_filter": "T = 0, filter",
    "dncnn_warped": "DnCNN",
    "ircnn_warped": "IRCNN",
    "unet_warped": "U-Net",
    "drunet_warped": "DRU-Net",
    "inr_lofi": "INR-LoFi",
    "lofi": "LoFi",
    "lofi_paper": "LoFi (paper's configuration)",
    "dncnn_paper": "DnCNN (paper's)",
    "ircnn_paper": "IRCNN (paper's)",
    "unet_paper": "U-Net (paper's)",
    "drunet_paper": "DRU-Net (paper's)",
    "dirty": "dirty, scaled",
    "clean": "CLEAN, restored",
    "positivity": "positivity",
    "total_variation": "total variation",
    "total_variation_oracle": "TV, λ by the truth",
    "dncnn_admm": "DnCNN-ADMM",
    "lofi_admm": "LoFi-ADMM",
    "delaunay": "Delaunay, linear",
    "biharmonic": "biharmonic",
    "lofi_admm_paper": "LoFi-ADMM, as published",
    "lofi_photographs": "LoFi",
    "tv_denoiser": "total variation, λ/σ by validation",
    "dncnn_denoiser": "DnCNN",
    "lofi_denoiser": "LoFi",
}
FAINT = 0.004  # of the peak: where the asinh stretch of radio images turns from linear to logarithmic


def style():
    plt.style.use(STYLE)
    return plt


def label(model, observed="Kaiser–Squires"):
    """The name of a model in figures and tables; that of the identity is what was `observed`."""
    return observed if model == "identity" else LABELS.get(model, model)


def save(figure, paths):
    """Write a figure to every path, format by its ending."""
    for path in map(Path, paths):
        with replacing(path) as temporary:
            figure.savefig(temporary, format=path.suffix[1:])


def show_map(axes, image, limit, cmap="magma", low=None):
    """An image without ticks, on a colour scale from `low` (default −limit) to `limit`."""
    drawn = axes.imshow(image, vmin=-limit if low is None else low, vmax=limit, cmap=cmap)
    axes.set(xticks=[], yticks=[])
    return drawn


def show_sky(axes, image, peak=1.0):
    """A positive image without ticks, from 0 to its `peak`, stretched by asinh: a decade is as wide as another."""
    norm = mpl.colors.AsinhNorm(linear_width=FAINT * peak, vmin=0, vmax=peak)
    drawn = axes.imshow(image, norm=norm, cmap="inferno", interpolation="auto")
    axes.set(xticks=[], yticks=[])
    return drawn


def show_photograph(axes, picture):
    """Colours (3, H, W) from 0 to 1, cut off there, without ticks."""
    axes.imshow(picture.clip(0, 1).transpose(1, 2, 0))
    axes.set(xticks=[], yticks=[])


def draw_observation(path, maps, wcs, form, model):
    """The maps of one observed field side by side, East to the left; KAPPA is titled with the `model`."""
    panels = {
        "KAPPA": model,
        "KAPPA_WIENER": "Wiener",
        "KAPPA_SMOOTHED": "KS E, smoothed",
        "KAPPA_KS_E": "KS E",
        "KAPPA_KS_B": "KS B",
        "NOISE_STD": "noise per pixel",
    }
    panels = {name: title for name, title in panels.items() if name in maps}
    style()
    rows = -(-len(panels) // 3)
    figure = plt.figure(figsize=(8.4, 2.6 * rows), layout="compressed")
    for index, (name, title) in enumerate(panels.items()):
        axes = figure.add_subplot(rows, 3, index + 1, projection=wcs)
        image = maps[name]
        high = np.nanpercentile(np.abs(image), 99.7)
        low = 0 if name == "NOISE_STD" else -high
        drawn = axes.imshow(image, vmin=low, vmax=high, cmap="viridis" if name == "NOISE_STD" else "magma")
        axes.set_title(title)
        for axis, text in ((axes.coords[0], "RA"), (axes.coords[1], "Dec")):
            axis.set_axislabel(text if index == 0 else " ")
            axis.set_ticklabel(size=6)
            axis.set_ticks(number=4)
        figure.colorbar(drawn, ax=axes, shrink=0.8)
    figure.savefig(path, format=form)
    plt.close(figure)
