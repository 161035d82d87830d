"""What ellipticities are divided by to give shear, for the usual estimators (docs/survey.md)."""

import math
from pathlib import Path

DEFAULT_ESTIMATOR = "shear"
# For each estimator: the factor on the responsivity, the range of a believable responsivity, and whether it is needed.
ESTIMATORS = {
    "shear": (1.0, (0.0, math.inf), False),  # gamma = e / R; R 1 unless given
    "lensfit": (1.0, (0.5, 1.5), False),  # gamma = e / (1 + m): the responsivity is 1 + m (Miller et al. 2013)
    "metacal": (1.0, (0.1, 1.5), True),  # gamma = e / <R>, the mean response (Sheldon & Huff 2017)
    "hsc-regauss": (2.0, (0.5, 1.0), True),  # gamma = e / 2R, R = 1 - e_rms^2 (Mandelbaum et al. 2018)
}


def divisor(path: Path, estimator: str, responsivity: float | None, *, weighted: bool) -> tuple[float, list[str]]:
    """What the columns are divided by, and a note where it is not 1.

    Parameters
    ----------
    responsivity : R of the estimator; None: 1 where it may be left out. weighted : whether weights are given.

    Raises ValueError for an unknown estimator, a responsivity that is missing or not believable, and lensfit without
    its weights.
    """
    if estimator not in ESTIMATORS:
        raise ValueError(f"estimator is {estimator!r} for '{path}'; expected one of {', '.join(ESTIMATORS)}")
    # ASSUME: without an estimator the columns are shear (as of lensfit and KSB).
    factor, (low, high), needed = ESTIMATORS[estimator]
    if responsivity is None:
        if needed:
            raise ValueError(f"the estimator {estimator} of '{path}' needs --responsivity, its R")
        responsivity = 1.0
    if not (math.isfinite(responsivity) and low < responsivity <= high):
        expected = "a number > 0" if high == math.inf else f"R of {estimator}, from {low:g} to {high:g}"
        hint = "; the command doubles R itself" if factor == 2 and high < responsivity <= 2 * high else ""
        raise ValueError(f"responsivity is {responsivity} for '{path}'; expected {expected}{hint}")
    if estimator == "lensfit" and not weighted:
        raise ValueError(f"the estimator lensfit of '{path}' needs its weights; name their column, weight=NAME")
    total = factor * responsivity
    return total, [] if total == 1 else [f"shear: ellipticities of {estimator} divided by {total:g}"]
