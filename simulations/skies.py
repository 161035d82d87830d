"""The true skies of an inversion."""

from collections.abc import Mapping

import numpy as np

from lofi.data.pictures import read_pictures, read_truth
from lofi.data.pictures_cleaning import cleaned
from lofi.data.resampling import averaged
from simulations.images.galaxies import galaxies, kinds


def skies(options: Mapping, pixels: int, seed: str) -> tuple[np.ndarray, list[str], bool, str]:
    """True images (G, pixels, pixels), peak 1, at least 0, float64; and what they are.

    Parameters
    ----------
    options : {source: galaxies, images: G}, simulated galaxies of the stream (seed, "radio sky"); or {file: FITS}, one
        image; or {pictures: file or folder, numbers: [first, last]}, those pictures, from 0, cleaned of their sky.
        Images of files are averaged to `pixels`, which must not exceed their own.

    Returns
    -------
    images; a word (the kind) for each; whether they are simulated; a description.
    """
    if options.get("source") == "galaxies":
        count, name = options["images"], (seed, "radio sky")
        images = np.stack(galaxies(count, pixels, *name)).astype(np.float64)
        return images, kinds(count, *name), True, "simulated galaxies, a stand-in for IllustrisTNG"
    if "file" in options:
        image = read_truth(options["file"])
        return np.stack([_square(image, pixels, options["file"])]), ["file"], False, f"image {options['file']}"
    pictures = read_pictures(options["pictures"])
    first, last = options["numbers"]
    if not first <= last < len(pictures):
        raise ValueError(
            f"'{options['pictures']}' holds pictures 0 to {len(pictures) - 1}; asked for {first} to {last}"
        )
    images = [_square(cleaned(p), pixels, options["pictures"]) for p in pictures[first : last + 1]]
    return np.stack(images), ["picture"] * len(images), False, f"pictures {options['pictures']}"


def _square(image, pixels, path):
    side = min(image.shape)
    if image.shape != (side, side) or side < pixels:
        raise ValueError(
            f"'{path}' is {image.shape[0]} × {image.shape[1]}; expected a square of at least {pixels} pixels"
        )
    image = averaged(np.asarray(image, dtype=np.float64), np.zeros(2), side, pixels)
    return image / image.max()
