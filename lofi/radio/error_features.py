"""What the error of a radio image depends on, in units of the denoiser's last level: pixel by pixel, and as a whole.

Nothing here knows the unit of flux or the size of the image; lengths are in units of the resolution of the longest
baseline, or in pixels where the denoiser, which works on pixels, is asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from scipy.ndimage import gaussian_filter, uniform_filter

from lofi.solvers.conjugate_gradient import per_image

WIDTHS = (0.2, 0.4, 0.8, 1.6)  # of Gaussians, in resolutions: detail lies between two of them
WINDOW = 7  # pixels, over which squares are averaged
FLOOR = 0.01  # of the level: less than this is as good as nothing
PROBE = 0.3  # of the level
STRIPE = 2**20  # pixels whose features are in memory
SOURCE = 3.0  # of the level, in the mean over 5 × 5 pixels: above it there is a source
FEATURES = (
    *("image", "around"),  # asinh
    *("detail 0", "detail 1", "detail 2", "detail 3", "start", "residual", "response"),  # ln of rms nearby
    "resolution",  # ln
)
MEANS = ("image", "start", "response")  # of `FEATURES`, over the sources
SKY_FEATURES = (
    *MEANS,
    *("share", "resolution"),  # ln; of sources in the image
    *("image 0", "image 1", "image 2", "image 3"),  # ln of the rms of detail in the sources
    *("removed 0", "removed 1", "removed 2", "removed 3"),  # the same of what the denoiser removes
    *("alike 0", "alike 1", "alike 2", "alike 3"),  # correlation of the two
    *("passed 0", "passed 1", "passed 2", "passed 3"),  # of detail in a small change, how much the denoiser lets pass
)


@dataclass(frozen=True, eq=False)
class Features:
    """What is known of one reconstruction.

    Attributes
    ----------
    image, start : (H, W), Jy/pixel, the end of ADMM and the image of positivity alone.
    residual : (H, W), minus the gradient of the data term at the end; over alpha it is what the denoiser removes.
    signs, passed : (H, W), a small random change of the denoiser's input, ±1, and what it makes of the output.
    level, alpha : of the last iteration. resolution : of the longest baseline, pixels.
    """

    image: np.ndarray
    start: np.ndarray
    residual: np.ndarray
    signs: np.ndarray
    passed: np.ndarray
    level: float
    alpha: float
    resolution: float

    def pixels(self) -> Iterator[np.ndarray]:
        """`FEATURES` from top to bottom in stripes (rows, W, 10): they are large."""
        for near, rows in self._stripes():
            yield self._pixels(near)[rows]

    def sky(self) -> np.ndarray:
        """`SKY_FEATURES` (21,) of the sources; of the whole image where there are none."""
        source = sources(self.image, self.level)
        share = np.log(source.mean() + FLOOR)
        source = source if source.any() else ~source
        sums, columns = 0.0, [FEATURES.index(name) for name in MEANS]
        first = 0
        for near, rows in self._stripes():
            means = self._pixels(near)[rows][..., columns]
            here = source[first : first + len(means)]
            sums = sums + np.array([*means[here].sum(0), *(each[rows][here].sum() for each in self._products(near))])
            first += len(means)
        means, image, removed, both, passed, changed = np.split(sums / source.sum(), len(MEANS) + 4 * np.arange(5))
        alike = both / np.sqrt((image + FLOOR**2) * (removed + FLOOR**2))
        rms = [np.log(square + FLOOR**2) / 2 for square in (image, removed)]
        return np.concatenate([means, [share, np.log(self.resolution)], *rms, alike, passed / changed])

    def _stripes(self):
        """Rows whose features are made at a time: with what filters see beyond them, and which of these they are."""
        height, width = self.image.shape
        margin = int(4 * WIDTHS[-1] * self.resolution) + WINDOW
        step = max(margin, STRIPE // width)
        for first in range(0, height, step):
            top, last = max(first - margin, 0), min(first + step, height)
            yield slice(top, last + margin), slice(first - top, last - top)

    def _pixels(self, near):
        unit = self.level
        image = self.image[near].astype(np.float64) / unit
        around = gaussian_filter(image, self.resolution, mode="nearest")
        squares = [*self._details(image), self.start[near] / unit - image, self.residual[near] / unit]
        nearby = [uniform_filter(square.astype(np.float64) ** 2, WINDOW, mode="nearest") for square in squares]
        response = (self.signs[near] * self.passed[near]).astype(np.float64)
        nearby.append(uniform_filter(response, WINDOW, mode="nearest").clip(min=0) ** 2)
        logarithms = [np.log(square.clip(min=FLOOR**2)) / 2 for square in nearby]
        resolution = np.full_like(image, np.log(self.resolution))
        return np.stack([np.arcsinh(image), np.arcsinh(around), *logarithms, resolution], -1)

    def _products(self, near):
        """Of detail on four scales: squares in the image, of what is removed, of the change; and products of pairs."""
        units = (self.image, self.level), (self.residual, self.alpha * self.level), (self.passed, 1), (self.signs, 1)
        image, removed, passed, changed = (self._details(each[near] / np.float64(unit)) for each, unit in units)
        pairs = (image, image), (removed, removed), (image, removed), (passed, changed), (changed, changed)
        return (a * b for one, other in pairs for a, b in zip(one, other, strict=True))

    def _details(self, image):
        filtered = (gaussian_filter(image, width * self.resolution, mode="nearest") for width in WIDTHS)
        return [finer - coarser for finer, coarser in pairwise([image, *filtered])]


def features(
    images: torch.Tensor,
    start: torch.Tensor,
    residual: torch.Tensor,
    level: torch.Tensor,
    alpha: torch.Tensor,
    resolution: float,
    denoise: Callable,
) -> list[Features]:
    """`Features` of P reconstructions.

    Parameters
    ----------
    images, start, residual : (P, H, W). level, alpha : (P,). denoise : of ADMM, `denoise(images, level)`.
    """
    signs, passed = _response(images + residual / per_image(alpha).to(images), level, denoise)
    parts = zip(images, start, residual, passed, level.tolist(), alpha.tolist(), strict=True)
    return [
        Features(*(np.asarray(each) for each in (image, first, rest, signs, change)), *units, resolution)
        for image, first, rest, change, *units in parts
    ]


def sources(image: np.ndarray, level: float) -> np.ndarray:
    """Which pixels (H, W) of an image, Jy/pixel, show a source; level : of the denoiser."""
    return uniform_filter(image.astype(np.float64), 5, mode="nearest") > SOURCE * level


def _response(noisy, level, denoise):
    """Random signs (H, W), and what the Jacobian of the denoiser makes of them (P, H, W).

    Their product is in the mean its diagonal (Hutchinson 1990), small where the prior is sure. Times level² it is the
    variance that a least-squares denoiser expects (Tweedie's formula).
    """
    generator = torch.Generator().manual_seed(1)
    signs = torch.randint(0, 2, noisy.shape[-2:], generator=generator).to(noisy) * 2 - 1
    step = PROBE * per_image(level).to(noisy)
    return signs, (denoise(noisy + step * signs, level.to(noisy)) - denoise(noisy, level.to(noisy))) / step
