"""The look of figures, and saving them whole."""

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import matplotlib as mpl
import numpy as np

mpl.use("agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from lofi.io.atomic import replacing

UNDATED = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}  # PNG files carry no date
STYLE = Path(__file__).parent / "figures.mplstyle"
FAINT = 0.004  # of the peak: where the asinh stretch of radio images turns from linear to logarithmic


def style() -> ModuleType:
    """`matplotlib.pyplot` with the style of all figures."""
    plt.style.use(STYLE)
    return plt


def write(figure: Figure, path: str | Path, form: str) -> None:
    """Write a figure in the format `form` (png, pdf or svg); the same figure gives the same bytes."""
    figure.savefig(path, format=form, metadata=UNDATED.get(form))


def save(figure: Figure, paths: Iterable[str | Path]) -> None:
    """Write a figure to every path, format by its ending."""
    for path in map(Path, paths):
        with replacing(path) as temporary:
            write(figure, temporary, path.suffix[1:])


def show_map(axes: Axes, image: np.ndarray, limit: float, cmap: str = "magma", low: float | None = None) -> AxesImage:
    """An image without ticks, on a colour scale from `low` (default −limit) to `limit`."""
    drawn = axes.imshow(image, vmin=-limit if low is None else low, vmax=limit, cmap=cmap)
    axes.set(xticks=[], yticks=[])
    return drawn


def show_sky(axes: Axes, image: np.ndarray, peak: float = 1.0) -> AxesImage:
    """A positive image without ticks, from 0 to its `peak`, stretched by asinh so that all decades are equally wide."""
    norm = mpl.colors.AsinhNorm(linear_width=FAINT * peak, vmin=0, vmax=peak)
    drawn = axes.imshow(image, norm=norm, cmap="inferno", interpolation="auto")
    axes.set(xticks=[], yticks=[])
    return drawn


def show_photograph(axes: Axes, picture: np.ndarray) -> None:
    """A picture (3, H, W) of colours from 0 to 1, without ticks; values outside are cut off."""
    axes.imshow(picture.clip(0, 1).transpose(1, 2, 0))
    axes.set(xticks=[], yticks=[])
