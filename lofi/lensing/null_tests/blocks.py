"""Sums over blocks of a survey: their scatter is the error of the whole sum, of shape noise and cosmic shear."""

import numpy as np
from scipy import stats

from lofi.lensing.null_tests.result import NullTest

MOST, FEWEST = 16, 8  # blocks; smaller ones share more of the same cosmic shear, and their errors are too small
GALAXIES = 100  # in a block, at least


def sky_blocks(directions: np.ndarray) -> np.ndarray:
    """Number of the block (n,) of each direction (n, 3): compact parts of the sky with equally many galaxies.

    The galaxies are halved again and again across their longest axis, whatever the mask, into at most 16 blocks of at
    least 100 galaxies. Raises ValueError for fewer than 8 such blocks.
    """
    count = len(directions)
    if count < FEWEST * GALAXIES:
        raise ValueError(f"{count} galaxies are too few for null tests; expected at least {FEWEST * GALAXIES}")
    blocks, parts = np.zeros(count, int), [np.arange(count)]
    while 2 * len(parts) <= MOST and count >= 2 * len(parts) * GALAXIES:
        halves = []
        for part in parts:
            axis = np.ptp(directions[part], axis=0).argmax()
            middle = len(part) // 2
            order = np.argpartition(directions[part, axis], middle)
            halves += [part[order[:middle]], part[order[middle:]]]
        parts = halves
    for number, part in enumerate(parts):
        blocks[part] = number
    return blocks


def slope_test(name: str, response: np.ndarray, cause: np.ndarray, weight: np.ndarray, blocks: np.ndarray) -> NullTest:
    """Whether `response` (n,), real or complex, has a slope against `cause` (n,), both about their weighted means.

    A complex response to a complex cause (shear to the ellipticity of the PSF) has one real slope; a complex response
    to a real cause (shear to the size of the PSF) has two, whose modulus is the value. The sums of the blocks give the
    covariance; the p-value is that of Student's t or, of two slopes, of Hotelling's T².
    """
    response = response - np.average(response, weights=weight)
    cause = cause - np.average(cause, weights=weight)
    norm = np.sum(weight * np.abs(cause) ** 2)
    if not norm > 0:
        raise ValueError(f"{name}: the column is constant, so that nothing can be said of its influence")
    product = weight * response * np.conj(cause) / norm
    two = np.iscomplexobj(response) and not np.iscomplexobj(cause)
    parts = [product.real, product.imag] if two else [product.real]
    sums = np.stack([np.bincount(blocks, part) for part in parts])
    dimension, count = sums.shape
    total = sums.sum(axis=1)
    covariance = count * np.atleast_2d(np.cov(sums))  # of the total: the blocks are independent
    squared = float(total @ np.linalg.solve(covariance, total))  # Hotelling's T²
    p_value = stats.f.sf(squared * (count - dimension) / (dimension * (count - 1)), dimension, count - dimension)
    value = float(total[0]) if dimension == 1 else float(np.hypot(*total))
    return NullTest(name, value, float(np.sqrt(np.trace(covariance) / dimension)), float(p_value))
