"""Stokes I from the correlations of visibilities."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

PARALLEL_HANDS = {-1: "RR", -2: "LL", -5: "XX", -6: "YY"}  # codes as in FITS and AIPS
STOKES_I = 1


def intensity_hands(path: str | Path, codes: Sequence[int]) -> dict[str, int]:
    """The correlations that make Stokes I, and their places among `codes`: I, or one or two parallel hands.

    Raises ValueError where there is neither.
    """
    codes = list(codes)
    if STOKES_I in codes:
        return {"I": codes.index(STOKES_I)}
    for pair in ((-1, -2), (-5, -6)):
        hands = {PARALLEL_HANDS[code]: codes.index(code) for code in pair if code in codes}
        if hands:
            return hands
    raise ValueError(f"{path} holds the Stokes codes {codes}; expected I (1) or parallel hands (-1, -2, -5, -6)")


def total_intensity(
    values: np.ndarray, weights: np.ndarray, hands: dict[str, int]
) -> tuple[np.ndarray, np.ndarray, int]:
    """Stokes I and its weight, and how many samples have one hand only.

    `I = (a + b) / 2` of the two parallel hands, sigma `sqrt(sigma_a^2 + sigma_b^2) / 2`; one hand alone is taken as I
    where the other is flagged: the source is assumed unpolarised in V (circular) or Q (linear feeds).

    Parameters
    ----------
    values : complex (..., S). weights : (..., S), not positive or NaN where flagged. hands : of `intensity_hands`.

    Returns
    -------
    values complex (...), weights (...), not positive where flagged, and the number.
    """
    places = list(hands.values())
    if len(places) == 1:
        return values[..., places[0]], weights[..., places[0]], 0
    (value_a, value_b), (weight_a, weight_b) = (np.moveaxis(x[..., places], -1, 0) for x in (values, weights))
    good_a, good_b = weight_a > 0, weight_b > 0
    both = good_a & good_b
    with np.errstate(invalid="ignore", over="ignore"):  # flagged samples may hold anything
        mean = (value_a + value_b) / 2
    value = np.where(both, mean, np.where(good_a, value_a, value_b))
    safe_a, safe_b = np.where(good_a, weight_a, 1.0), np.where(good_b, weight_b, 1.0)
    weight = np.where(both, 4 / (1 / safe_a + 1 / safe_b), np.where(good_a, weight_a, np.where(good_b, weight_b, 0.0)))
    return value, weight, np.count_nonzero(good_a ^ good_b)


def hands_notes(hands: dict[str, int], single: int) -> list[str]:
    """A sentence for the notes where I is not the mean of two hands, `single` samples; else none."""
    names = list(hands)
    if len(names) == 2 and single:
        return [f"{single} visibilities have only one of {names[0]} and {names[1]}: it is taken as Stokes I."]
    return [f"Only {names[0]} is given: it is taken as Stokes I."] if len(names) == 1 and names[0] != "I" else []
