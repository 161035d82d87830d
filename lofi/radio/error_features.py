"""What the error of a radio image depends on, pixel by pixel, in units of the denoiser's last level.

Nothing here knows the unit of flux or the size of the image; lengths are in units of the resolution of the longest
baseline, or in pixels where the denoiser, which works on pixels, is asked.
"""

from collections.abc import Callable, Iterator
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
FEATURES = (
    *("image", "around"),  # asinh
    *("detail 0", "detail 1", "detail 2", "detail 3", "start", "residual", "response"),  # ln of rms nearby
    "resolution",  # ln
)


def features(
    images: torch.Tensor,
    start: torch.Tensor,
    residual: torch.Tensor,
    level: torch.Tensor,
    alpha: torch.Tensor,
    resolution: float,
    denoise: Callable,
) -> list[Iterator[np.ndarray]]:
    """`FEATURES` of P reconstructions, of each from top to bottom in stripes (rows, W, 10): they are large.

    Parameters
    ----------
    images, start : (P, H, W), Jy/pixel, the end of ADMM and the image of positivity alone.
    residual : (P, H, W), minus the gradient of the data term at the end. level, alpha : (P,), of the last iteration.
    resolution : of the longest baseline, pixels. denoise : of ADMM, `denoise(images, level)`.
    """
    response = _response(images + residual / per_image(alpha).to(images), level, denoise)
    parts = zip(images, start, residual, response, level.tolist(), strict=True)
    return [_stripes(*map(np.asarray, one), unit, resolution) for *one, unit in parts]


def _response(noisy, level, denoise):
    """Diagonal (P, H, W) of the denoiser's Jacobian, one draw of random signs (Hutchinson 1990); small where the prior
    is sure. Times level² it is the variance that a least-squares denoiser expects (Tweedie's formula)."""
    generator = torch.Generator().manual_seed(1)
    signs = torch.randint(0, 2, noisy.shape[-2:], generator=generator).to(noisy) * 2 - 1
    step = PROBE * per_image(level).to(noisy)
    return (denoise(noisy + step * signs, level.to(noisy)) - denoise(noisy, level.to(noisy))) / step * signs


def _stripes(*arguments):
    height, width = arguments[0].shape
    margin = int(4 * WIDTHS[-1] * arguments[-1]) + WINDOW  # what filters see beyond a stripe
    rows = max(margin, STRIPE // width)
    for first in range(0, height, rows):
        top, last = max(first - margin, 0), min(first + rows, height)
        near = slice(top, last + margin)
        yield _of_rows(*(image[near] for image in arguments[:-2]), *arguments[-2:])[first - top : last - top]


def _of_rows(image, start, residual, response, unit, resolution):
    image = image.astype(np.float64) / unit
    smooth = [image, *(gaussian_filter(image, width * resolution, mode="nearest") for width in WIDTHS)]
    around = gaussian_filter(image, resolution, mode="nearest")
    details = [finer - coarser for finer, coarser in pairwise(smooth)]
    squares = [*details, start / unit - image, residual / unit]
    nearby = [uniform_filter(square.astype(np.float64) ** 2, WINDOW, mode="nearest") for square in squares]
    nearby.append(uniform_filter(response.astype(np.float64), WINDOW, mode="nearest").clip(min=0) ** 2)
    logarithms = [np.log(square.clip(min=FLOOR**2)) / 2 for square in nearby]
    columns = [np.arcsinh(image), np.arcsinh(around), *logarithms, np.full_like(image, np.log(resolution))]
    return np.stack(columns, -1)
