"""Colour photographs: ten that come with scikit-image and matplotlib (docs/data.md), or a folder of one's own.

Row 0 is the bottom row, as in all images here: they are displayed with `origin="lower"` (docs/conventions.md).
"""

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
]
SUFFIXES = (".png", ".jpg", ".jpeg")


def photographs(path=None):
    """Files of the packaged photographs, or of those directly in the folder `path`, by name.

    Raises FileNotFoundError if there is none.
    """
    if path is None:
        return PACKAGED
    folder = Path(path)
    found = sorted(file for file in folder.glob("*") if file.suffix.lower() in SUFFIXES and file.name[0] != ".")
    if not found:
        raise FileNotFoundError(f"there is no photograph in '{folder}'; expected a folder with {', '.join(SUFFIXES)}")
    return found


def read_photograph(path, pixels):
    """The largest central square of a photograph, resampled (bicubic, low-passed where it shrinks) to pixels².

    Returns (3, pixels, pixels) red, green and blue from 0 to 1, float32. Raises ValueError for what cannot be read.
    """
    try:
        with Image.open(path) as image:
            square = min(image.size)
            left, top = ((length - square) // 2 for length in image.size)
            box = (left, top, left + square, top + square)
            values = np.asarray(image.convert("RGB").resize((pixels, pixels), Image.Resampling.BICUBIC, box))
    except (OSError, ValueError, SyntaxError) as error:
        raise ValueError(f"'{path}' cannot be read as a PNG or JPEG photograph: {error}") from error
    return np.ascontiguousarray(values[::-1].transpose(2, 0, 1), dtype=np.float32) / 255
