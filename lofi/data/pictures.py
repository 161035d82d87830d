"""Pictures of the sky from files: images to train on, and the truth of a simulated observation.

=====================  =======================================================================================
FITS                   the first image of the file, axes of length 1 dropped; rows as stored
`.npy`, `.npz`         rows as stored; an `.npz` holds `images` (N, H, W) and, if wanted, `source` (N,) words
`.png`, `.jpg`, `.tif`  colours averaged; turned over, because such files store the top row first
=====================  =======================================================================================

Row 0 is the bottom row in all of them: images are displayed with `origin="lower"` (docs/conventions.md).
"""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from lofi.data.resampling import averaged
from lofi.io.fits_files import strictly
from lofi.io.npy_file import read_npy

FITS = (".fits", ".fit", ".fits.gz", ".fits.fz")
PAINTED = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
SUFFIXES = (*FITS, *PAINTED, ".npy", ".npz")


def read_pictures(
    path: str | Path, pixels: int | None = None, source: str | Sequence[str] | None = None
) -> list[np.ndarray]:
    """All pictures of a file, or of the files directly in a folder, in the order of their names.

    Parameters
    ----------
    path : folder or file; files of a folder with other endings than `SUFFIXES` are passed over.
    pixels : None for the pictures as they are; else the largest central square of each is averaged to pixels².
    source : word or words; of an `.npz`, only the images whose `source` is one of them.

    Returns
    -------
    list of float64 arrays (H, W), finite, with a positive peak; pixels may be negative.

    Raises FileNotFoundError if there is nothing to read, ValueError for what is no picture.
    """
    pictures = [picture for file in find_pictures(path) for picture in read_file(file, source)]
    return [image if pixels is None else _square(image, name, pixels) for name, image in pictures]


def find_pictures(path: str | Path) -> list[Path]:
    """The file `path`, or the pictures directly in the folder `path`, by name; FileNotFoundError if there are none."""
    path = Path(path)
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise FileNotFoundError(f"there is no file or folder '{path}' with pictures")
    files = sorted(file for file in path.iterdir() if file.is_file() and _is_picture(file))
    if not files:
        raise FileNotFoundError(f"there is no picture in the folder '{path}'; expected {', '.join(SUFFIXES)}")
    return files


def read_file(path: Path, source: str | Sequence[str] | None = None) -> Iterator[tuple[str, np.ndarray]]:
    """The pictures of a file, each with a name for messages; arguments and errors as of `read_pictures`."""
    for name, image in _read(path, source):
        yield name, _checked(image, name)


def read_truth(path: str | Path) -> np.ndarray:
    """The sky (H, W) of a FITS file, float64, in the unit of the file, at least 0.

    The sky is intensity, so negative pixels are set to 0: without a word down to −10⁻⁶ of the peak (rounding), with a
    UserWarning below that. A file with NaN, without a positive peak or not two-dimensional raises ValueError.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no image '{path}'")
    image = _checked(_read_fits(path), f"'{path}'")
    if image.min() < -1e-6 * image.max():
        share = np.mean(image < 0)
        warnings.warn(
            f"'{path}' has negative pixels ({share:.1%} of them, lowest {image.min():.3g}, peak {image.max():.3g}); "
            "they are set to 0, since the true sky is positive",
            stacklevel=2,
        )
    return np.maximum(image, 0.0)


def _is_picture(path):
    return path.name.lower().endswith(SUFFIXES) and not path.name.startswith(".")


def _read(path, source):
    """Pairs of a name for messages and the unchecked array of each picture in a file."""
    name = path.name.lower()
    if not _is_picture(path):
        raise ValueError(f"'{path}' is in none of the known formats; expected a name ending in {', '.join(SUFFIXES)}")
    if name.endswith(".npz"):
        return [(f"'{path}', image {i}", image) for i, image in _read_npz(path, source)]
    read = _read_fits if name.endswith(FITS) else _read_painted if name.endswith(PAINTED) else read_npy
    return [(f"'{path}'", read(path))]


def _read_fits(path):
    try:
        with strictly(path) as hdus:
            data = next((hdu.data.copy() for hdu in hdus if hdu.is_image and hdu.data is not None), None)
    except (OSError, EOFError, ValueError, TypeError, IndexError, KeyError, Warning) as error:
        raise ValueError(f"'{path}' cannot be read as FITS (truncated, or not FITS): {error}") from error
    if data is None:
        raise ValueError(f"'{path}' holds no image")
    return np.squeeze(data)


def _read_painted(path):
    try:
        with path.open("rb") as file, Image.open(file) as image:
            grey = image.mode in ("L", "F") or image.mode.startswith("I")
            values = np.asarray(image if grey else image.convert("RGB"), dtype=np.float64)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"'{path}' cannot be read as a PNG, JPEG or TIFF image: {error}") from error
    return (values if grey else values.mean(axis=2))[::-1]


def _read_npz(path, source):
    try:
        with np.load(path, allow_pickle=False) as arrays:
            images = arrays.get("images")
            sources = arrays.get("source")
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"'{path}' cannot be read as numpy arrays (truncated, or not .npz): {error}") from error
    if images is None or images.ndim != 3:
        found = "is missing" if images is None else f"has the shape {images.shape}"
        raise ValueError(f"'{path}': the array 'images' {found}; expected (N, H, W)")
    chosen = range(len(images))
    if source is not None:
        if sources is None or sources.shape != (len(images),):
            raise ValueError(f"'{path}' has no array 'source' with a word for each of its {len(images)} images")
        chosen = np.flatnonzero(np.isin(sources, source))
        if not len(chosen):
            raise ValueError(f"'{path}' has no image whose source is {source}; found {', '.join(np.unique(sources))}")
    return [(i, images[i]) for i in chosen]


def _checked(image, name):
    """`image` as float64, if it is a picture."""
    if image.ndim != 2 or not image.size:
        raise ValueError(f"{name} has the shape {image.shape}; expected an image with two axes")
    if image.dtype.kind not in "fiu":
        raise ValueError(f"{name} holds values of type {image.dtype}; expected real numbers")
    bad = image.size - np.count_nonzero(np.isfinite(image))
    if bad:
        raise ValueError(f"{name} has {bad} pixels that are NaN or inf; expected finite values")
    if image.max() <= 0:
        raise ValueError(f"{name} has no positive pixel (its peak is {image.max():g}); expected an image of the sky")
    return image.astype(np.float64)


def _square(image, name, pixels):
    side = min(image.shape)
    if side < pixels:
        raise ValueError(f"{name} has {image.shape[0]} × {image.shape[1]} pixels; expected at least {pixels} each way")
    return averaged(image, [(length - side) / 2 for length in image.shape], side, pixels)
