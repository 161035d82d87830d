"""Stokes I from the correlations of visibilities."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

STOKES_I = 1  # codes as in FITS and AIPS
PARALLEL_HANDS = {-1: "RR", -2: "LL", -5: "XX", -6: "YY"}


def total_intensity(
    path: str | Path, codes: Sequence[int], values: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Stokes I, its weight and a sentence for the notes.

    `I = (a + b) / 2` of the two parallel hands, sigma `sqrt(sigma_a^2 + sigma_b^2) / 2`; one hand alone is taken as I
    where the other is flagged: the source is assumed unpolarised in V (circular) or Q (linear feeds).

    Parameters
    ----------
    codes : (S,) FITS codes of the correlations.
    values : complex (..., S). weights : (..., S), not positive or NaN where flagged.

    Returns
    -------
    values complex (...), weights (...), 0 where flagged, and notes, a list.

    Raises ValueError where there is neither Stokes I nor a parallel hand.
    """
    if STOKES_I in codes:
        index = codes.index(STOKES_I)
        return values[..., index], weights[..., index], []
    pairs = ([code for code in pair if code in codes] for pair in ((-1, -2), (-5, -6)))
    pair = next(filter(None, pairs), None)
    if pair is None:
        raise ValueError(f"{path} holds the Stokes codes {codes}; expected I (1) or parallel hands (-1, -2, -5, -6)")
    hands, names = [codes.index(code) for code in pair], [PARALLEL_HANDS[code] for code in pair]
    if len(hands) == 1:
        return values[..., hands[0]], weights[..., hands[0]], [f"Only {names[0]} is given: it is taken as Stokes I."]
    (value_a, value_b), (weight_a, weight_b) = (np.moveaxis(x[..., hands], -1, 0) for x in (values, weights))
    good_a, good_b = weight_a > 0, weight_b > 0
    both = good_a & good_b
    with np.errstate(invalid="ignore", over="ignore"):  # flagged samples may hold anything
        mean = (value_a + value_b) / 2
    value = np.where(both, mean, np.where(good_a, value_a, value_b))
    safe_a, safe_b = np.where(good_a, weight_a, 1.0), np.where(good_b, weight_b, 1.0)
    weight = np.where(both, 4 / (1 / safe_a + 1 / safe_b), np.where(good_a, weight_a, np.where(good_b, weight_b, 0.0)))
    single = np.count_nonzero(good_a ^ good_b)
    note = f"{single} visibilities have only one of {names[0]} and {names[1]}: it is taken as Stokes I."
    return value, weight, [note] if single else []
