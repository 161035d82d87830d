"""Sums over blocks of a survey: their scatter is the error of the whole sum, of shape noise and cosmic shear."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from lofi.lensing.null_tests.result import NullTest
from lofi.lensing.ordered_sums import OrderedSums

MOST, FEWEST = 16, 8  # blocks; smaller ones share more of the same cosmic shear, and their errors are too small
GALAXIES = 100  # in a block, at least
PARTS = ("real", "imag")
CONSTANT = 1e-12  # of a column's values: a smaller scatter is rounding


@dataclass(frozen=True)
class Blocks:
    """Compact parts of the sky, halved again and again.

    splits : of each halving, ((parts,), (parts,)): the axis x, y or z, and where it is cut.
    """

    splits: tuple[tuple[np.ndarray, np.ndarray], ...]

    def __len__(self) -> int:
        return 2 ** len(self.splits)

    def number(self, directions: np.ndarray) -> np.ndarray:
        """Number of the block (n,) of each direction (n, 3)."""
        number = np.zeros(len(directions), int)
        for axis, cut in self.splits:
            upper = directions[np.arange(len(directions)), axis[number]] >= cut[number]
            number = 2 * number + upper
        return number


def sky_blocks(directions: np.ndarray) -> Blocks:
    """Blocks with equally many of the directions (n, 3).

    They are halved again and again across their longest axis, whatever the mask: at most 16 blocks of at least 100.
    Raises ValueError for fewer than 8 such blocks.
    """
    count = len(directions)
    if count < FEWEST * GALAXIES:
        raise ValueError(f"{count} galaxies are too few for null tests; expected at least {FEWEST * GALAXIES}")
    splits, parts = [], [np.arange(count)]
    while 2 * len(parts) <= MOST and count >= 2 * len(parts) * GALAXIES:
        halves, axes, cuts = [], [], []
        for part in parts:
            axis = np.ptp(directions[part], axis=0).argmax()
            middle = len(part) // 2
            order = np.argpartition(directions[part, axis], middle)
            halves += [part[order[:middle]], part[order[middle:]]]
            axes.append(axis)
            cuts.append(directions[part[order[middle]], axis])
        parts = halves
        splits.append((np.array(axes), np.array(cuts)))
    return Blocks(tuple(splits))


class Slope:
    """Whether a response of galaxies, real or complex, has a slope against a cause, both about their weighted means.

    A complex response to a complex cause (shear to the ellipticity of the PSF) has one real slope; a complex response
    to a real cause (shear to the size of the PSF) has two, whose modulus is the value. The sums of the blocks give the
    covariance; the p-value is that of Student's t or, of two slopes, of Hotelling's T².

    Parameters
    ----------
    name : of the test. blocks : their number.
    relative : "cause" or "response" for one that counts in units of its weighted mean; None for neither.
    """

    def __init__(self, name: str, blocks: int, *, relative: str | None = None) -> None:
        self.name, self._relative, self._two = name, relative, False
        self._sums = OrderedSums(blocks)
        self._pilot = None  # the first cause: those of all are counted from it, so that rounding hides no scatter

    @property
    def known(self) -> bool:
        """Whether any galaxies were added."""
        return self._pilot is not None

    @property
    def constant(self) -> bool:
        """Whether the cause is, so that nothing can be said of its influence."""
        total = self._sums["weight"].sum()
        return not self._norm > total * (CONSTANT * abs(self._pilot)) ** 2 + CONSTANT * self._sums["square"].sum()

    @property
    def _norm(self):
        """Σ weight · |cause|², about the mean."""
        mean = self._sums["cause real"].sum() + 1j * self._sums["cause imag"].sum()
        return self._sums["square"].sum() - abs(mean) ** 2 / self._sums["weight"].sum()

    def add(self, response: np.ndarray, cause: np.ndarray, weight: np.ndarray, block: np.ndarray) -> None:
        """Add galaxies: `response`, `cause`, `weight` and number of the block, (n,) each."""
        if not len(weight):
            return
        self._two = np.iscomplexobj(response) and not np.iscomplexobj(cause)
        if self._pilot is None:
            self._pilot = cause[0]
        cause = cause - self._pilot
        values = {"response": response, "cause": cause, "product": response * np.conj(cause)}
        parts = {f"{key} {part}": weight * getattr(value, part) for key, value in values.items() for part in PARTS}
        self._sums.add(block, weight=weight, square=weight * np.abs(cause) ** 2, **parts)

    def test(self) -> NullTest:
        """The test of all that were added, where the cause is not constant."""
        weight, norm = self._sums["weight"], self._norm
        response, cause, product = (
            self._sums[f"{key} real"] + 1j * self._sums[f"{key} imag"] for key in ("response", "cause", "product")
        )
        total = weight.sum()
        means = {"response": response.sum() / total, "cause": cause.sum() / total}
        about = product - means["response"] * np.conj(cause) - np.conj(means["cause"]) * response
        about = (about + means["response"] * np.conj(means["cause"]) * weight) / norm
        if self._relative == "cause":
            about = about * (self._pilot + means["cause"]).real
        elif self._relative == "response":
            about = about / means["response"].real
        sums = np.stack([about.real, about.imag] if self._two else [about.real])
        dimension, count = sums.shape
        slope = sums.sum(axis=1)
        covariance = count * np.atleast_2d(np.cov(sums))  # of the total: the blocks are independent
        squared = float(slope @ np.linalg.solve(covariance, slope))  # Hotelling's T²
        p_value = stats.f.sf(squared * (count - dimension) / (dimension * (count - 1)), dimension, count - dimension)
        value = float(slope[0]) if dimension == 1 else float(np.hypot(*slope))
        return NullTest(self.name, value, float(np.sqrt(np.trace(covariance) / dimension)), float(p_value))
