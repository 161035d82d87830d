"""The look of figures, and saving them whole."""

from pathlib import Path

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt

from lofi.io.atomic import replacing

STYLE = Path(__file__).parent / "figures.mplstyle"
FAINT = 0.004  # of the peak: where the asinh stretch of radio images turns from linear to logarithmic


def style():
    """`matplotlib.pyplot` with the style of all figures."""
    plt.style.use(STYLE)
    return plt


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
