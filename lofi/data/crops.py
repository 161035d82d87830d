"""Training crops of radio images: random places, orientations and scales, and widened dynamic range."""

from collections.abc import Sequence

import numpy as np

from lofi.data.resampling import averaged
from lofi.seeds import stream


def exponentiate(image: np.ndarray, a: float) -> np.ndarray:
    """`((1 + a)^x − 1) / a` of an image x in [0, 1]: faint parts get fainter, by up to log(1 + a)/a; 0 and 1 stay.

    Terris et al. 2023 (AIRI). `a` > 0; the smaller, the closer to the image itself.
    """
    growth = np.log1p(a)
    return np.expm1(image * image.dtype.type(growth)) / image.dtype.type(a)


def training_crops(
    images: Sequence[np.ndarray],
    numbers: Sequence[int],
    count: int,
    size: int,
    *name: str | int,
    zoom: tuple[float, float] = (1.0, 2.4),
    exponentiated: float = 0.8,
    sums: float = 0.3,
) -> np.ndarray:
    """Crops number `numbers` of `count` random crops of images, peak 1, for the training of a denoiser.

    A crop covers `size` × z pixels of an image on each side at a random place, continuous, and is averaged over the
    z × z pixels that fall on each of its own; it is turned and flipped at random. Where a place is empty, the crop is
    taken around the image's peak. The crops are spread evenly over the images; crop i has the stream (*name, i) and
    depends on nothing else.

    Parameters
    ----------
    images : array (N, H, W) or sequence of arrays (H, W), at least 0, H and W at least `size`.
    numbers, count, size : which crops (M of them), of how many in all; their pixels on a side.
    zoom : (lowest, highest) z, uniform in the logarithm; smaller where an image is too small for it.
    exponentiated : share of the crops with `x → ((1 + a)^x − 1) / a`, a = 10^U(0, 3).
    sums : share of the crops that are sums of two, the second of a random image and 10^U(−2, 0) times as bright.

    Returns
    -------
    float32 (M, size, size), at least 0, peak 1.
    """
    low, high = zoom
    if not 1 <= low <= high:
        raise ValueError(f"zoom is {zoom}; expected (lowest, highest) with 1 ≤ lowest ≤ highest")
    if not len(images):
        raise ValueError("there are no images to take training crops from")

    def draw(number, rng):
        crop = _crop(images[number], number, size, rng, zoom)
        return exponentiate(crop, 10 ** rng.uniform(0, 3)) if rng.random() < exponentiated else crop

    crops = np.empty((len(numbers), size, size), np.float32)
    for place, i in enumerate(numbers):
        rng = stream(*name, i)
        crop = draw(i * len(images) // count, rng)
        if rng.random() < sums:
            crop = crop + np.float32(10 ** rng.uniform(-2, 0)) * draw(int(rng.integers(len(images))), rng)
        crops[place] = crop / crop.max()
    return crops


def _crop(image, number, size, rng, zoom):
    image = np.asarray(image, np.float32)
    shape = image.shape
    if len(shape) != 2 or min(shape) < size:
        raise ValueError(f"training image {number} has the shape {shape}; crops need at least {size} × {size} pixels")
    z = np.exp(rng.uniform(*np.log(zoom)))
    width = size * min(z, min(shape) / size)
    start = rng.random(2) * (np.array(shape) - width)
    crop = averaged(image, start, width, size)
    if not crop.max() > 1e-6 * image.max():
        peak = np.array(np.unravel_index(np.argmax(image), shape)) + 0.5
        crop = averaged(image, np.clip(peak - width / 2, 0, np.array(shape) - width), width, size)
    top, bottom = crop.max(), crop.min()
    if not (0 < top < np.inf and bottom >= 0):
        raise ValueError(
            f"training image {number} has values from {bottom:g} to {top:g}; expected 0 to a positive peak"
        )
    crop = np.rot90(crop, rng.integers(4))
    return (crop.T if rng.integers(2) else crop) / top
