"""The noise that the weights promise, checked against the scatter of the data themselves."""

from dataclasses import dataclass

import numpy as np

from lofi.radio.visibilities.visibilities import Visibilities

LIMITS = (0.7, 1.4)


@dataclass(frozen=True)
class NoiseCheck:
    """`ratio` of scatter to the weights' noise; `pairs` of samples it rests on, neighbours in `along` time or channel;
    `warning`, a sentence where the ratio lies outside `LIMITS`, else None."""

    ratio: float
    pairs: int
    along: str
    warning: str | None


def check_noise(visibilities: Visibilities, fewest: int = 30) -> NoiseCheck | None:
    """Compare sigma with differences of neighbouring samples, in which the sky nearly cancels.

    Pairs are consecutive in time (same baseline and channel, no further apart than 1.5 times the median interval) or
    adjacent in channel (same baseline and time). For pure noise the modulus of `(V1 - V2) / sqrt(sigma1^2 + sigma2^2)`
    squared has the median 2 ln 2, which defines the ratio. Neighbours in time count: in channels far apart the phase of
    an off-centre source differs. Where time's ratio is too large, or its pairs are too few, channels stand in if theirs
    is smaller, since changes of the signal can only raise it.

    Returns `NoiseCheck`, or None where antennas or times are not known or there are fewer than `fewest` pairs.
    """
    if visibilities.antenna1 is None or visibilities.antenna2 is None or visibilities.time is None:
        return None
    baseline = np.unique(np.stack([visibilities.antenna1, visibilities.antenna2]), axis=1, return_inverse=True)[1]
    channel = np.zeros(len(visibilities), int) if visibilities.channel is None else visibilities.channel
    found = {}
    for along, fixed, moving in (("time", channel, visibilities.time), ("channel", visibilities.time, channel)):
        order = np.lexsort((moving, fixed, baseline))
        same = (np.diff(baseline[order]) == 0) & (np.diff(fixed[order]) == 0)
        step = np.diff(moving[order])
        same &= step > 0
        if np.count_nonzero(same) >= fewest:
            same &= step <= 1.5 * np.median(step[same])
            sigma = np.hypot(visibilities.sigma[order][1:], visibilities.sigma[order][:-1])
            squared = np.abs(np.diff(visibilities.values[order]) / sigma)[same] ** 2
            found[along] = (float(np.sqrt(np.median(squared) / (2 * np.log(2)))), len(squared))
    if not found:
        return None
    along = "time" if "time" in found and found["time"][0] <= LIMITS[1] else min(found, key=found.get)
    ratio, pairs = found[along]
    return NoiseCheck(ratio, pairs, along, _warning(ratio, along))


def compare_noise(visibilities: Visibilities, sigma_scale: float) -> tuple[str, list[str]]:
    """A note on the scatter of the visibilities, and a warning where it is not that of their noise.

    `sigma_scale` : the factor that their noise was multiplied by; the warning says which one fits.
    """
    check = check_noise(visibilities)
    if check is None:
        return (
            "the weights' noise cannot be checked against the scatter: too few neighbours, or no antennas or times",
            [],
        )
    note = f"scatter of {check.pairs} neighbouring visibilities: {check.ratio:.3g} times the weights' noise"
    if check.warning is None:
        return note, []
    return note, [f"{check.warning} If the weights are wrong, use the sigma scale {check.ratio * sigma_scale:.3g}."]


def _warning(ratio, along):
    if LIMITS[0] <= ratio <= LIMITS[1]:
        return None
    size = "large" if ratio > 1 else "small"
    reason = "the signal changes between them" if ratio > 1 else "they are not independent"
    return (
        f"Neighbouring visibilities (in {along}) scatter by {ratio:.2g} times the noise that the weights promise: "
        f"the weights are too {size} by a factor {max(ratio, 1 / ratio) ** 2 if ratio else np.inf:.2g}, or {reason}."
    )
