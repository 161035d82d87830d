"""Photographs: those that come with scikit-image and matplotlib (docs/data.md), or a folder of one's own.

Row 0 is the bottom row, as in all images here: they are displayed with `origin="lower"` (docs/conventions.md).
"""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
import skimage
from PIL import Image

SKIMAGE, MATPLOTLIB = Path(skimage.__file__).parent / "data", Path(matplotlib.get_data_path(), "sample_data")
PACKAGED = [  # in the order of their numbers; motorcycle_left and _right are the two views of a stereo camera
    *(SKIMAGE / name for name in ("chelsea.png", "coffee.png", "rocket.jpg", "hubble_deep_field.jpg", "ihc.png")),
    *(SKIMAGE / name for name in ("retina.jpg", "motorcycle_left.png", "motorcycle_right.png")),
    MATPLOTLIB / "grace_hopper.jpg",
    SKIMAGE / "astronaut.png",
    *(SKIMAGE / name for name in ("camera.png", "coins.png", "clock_motion.png", "brick.png")),  # these are grey
    *(SKIMAGE / name for name in ("grass.png", "gravel.png")),
]
SUFFIXES = (".png", ".jpg", ".jpeg")


def photographs(path: str | Path | None = None, names: Sequence[str] | None = None) -> list[Path]:
    """Files of the packaged photographs, or of those directly in the folder `path`, by name; or those of these `names`.

    `names` are without endings, in the order of the numbers that the photographs then have. Raises FileNotFoundError
    if there is none, ValueError for an unknown or ambiguous name.
    """
    found = PACKAGED if path is None else _in_folder(path)
    if names is None:
        return found
    chosen = []
    for name in names:
        named = [file for file in found if file.stem == name]
        if len(named) != 1:
            known = ", ".join(file.stem for file in found)
            raise ValueError(f"there are {len(named)} photographs called {name!r}; expected one name out of {known}")
        chosen += named
    return chosen


def numbered(
    numbers: tuple[int, int], path: str | Path | None = None, names: Sequence[str] | None = None
) -> list[Path]:
    """Files of the photographs of these `numbers`, (first, last), from 0; ValueError if there are not so many."""
    first, last = numbers
    files = photographs(path, names)
    if last >= len(files):
        where = "there are" if path is None else f"'{path}' holds"
        raise ValueError(f"{where} {len(files)} photographs, 0 to {len(files) - 1}; asked for {first} to {last}")
    return files[first : last + 1]


def _in_folder(path):
    folder = Path(path)
    found = sorted(file for file in folder.glob("*") if file.suffix.lower() in SUFFIXES and file.name[0] != ".")
    if not found:
        raise FileNotFoundError(f"there is no photograph in '{folder}'; expected a folder with {', '.join(SUFFIXES)}")
    return found


def read_photograph(path: str | Path, pixels: int) -> np.ndarray:
    """The largest central square of a photograph, resampled (bicubic, low-passed where it shrinks) to pixels².

    Returns (3, pixels, pixels) red, green and blue from 0 to 1, float32. Raises ValueError for what cannot be read.
    """
    colours = _read(path, "RGB", pixels)
    return np.ascontiguousarray(colours.transpose(2, 0, 1))


def read_grey(path: str | Path, pixels: int | None = None) -> np.ndarray:
    """The luminance (ITU-R 601-2) of a photograph, from 0 to 1, float32: its central square as (pixels, pixels), or
    with `pixels` left out all of it as it is, (H, W). Raises ValueError for what cannot be read.
    """
    return np.ascontiguousarray(_read(path, "L", pixels))


def _read(path, mode, pixels):
    try:
        with Image.open(path) as image:
            converted = image.convert(mode)
            if pixels is not None:
                square = min(image.size)
                left, top = ((length - square) // 2 for length in image.size)
                box = (left, top, left + square, top + square)
                converted = converted.resize((pixels, pixels), Image.Resampling.BICUBIC, box)
            values = np.asarray(converted)
    except (OSError, ValueError, SyntaxError) as error:
        raise ValueError(f"'{path}' cannot be read as a PNG or JPEG photograph: {error}") from error
    return values[::-1].astype(np.float32) / 255
