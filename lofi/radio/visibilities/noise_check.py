"""The noise that the weights promise, checked against the scatter of the data themselves."""

from dataclasses import dataclass

import numpy as np

from lofi.noise_ratio import NoiseRatio
from lofi.radio.visibilities.visibilities import Visibilities

CLOSE = 0.1  # turns of phase at the edge of the image, within which two samples see one sky


@dataclass(frozen=True)
class NoiseCheck(NoiseRatio):
    """Scatter of samples over the weights' noise; `pairs` of samples that it rests on, neighbours in `along` time or
    channel."""

    pairs: int
    along: str


def check_noise(visibilities: Visibilities, field_radians: float = 0.0, fewest: int = 30) -> NoiseCheck | None:
    """Compare sigma with differences of neighbouring samples, in which the sky nearly cancels.

    Pairs are consecutive in time (same baseline and channel, no further apart than 1.5 times the median interval) or
    adjacent in channel (same baseline and time), and so close in (u, v) that a source at the edge of a field of
    `field_radians` turns by less than `CLOSE`. For pure noise the modulus of `(V1 - V2) / sqrt(sigma1^2 + sigma2^2)`
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
            same &= np.hypot(np.diff(visibilities.u[order]), np.diff(visibilities.v[order])) * field_radians < CLOSE
        if np.count_nonzero(same) >= fewest:
            sigma = np.hypot(visibilities.sigma[order][1:], visibilities.sigma[order][:-1])
            squared = np.abs(np.diff(visibilities.values[order]) / sigma)[same] ** 2
            ratio = float(np.sqrt(np.median(squared) / (2 * np.log(2))))
            # Half of the error 1 / (ln 2 √N) of a median of exponential variates, and more: pairs share samples (test).
            found[along] = NoiseCheck(ratio, 0.85 * ratio / float(np.sqrt(len(squared))), len(squared), along)
    if not found:
        return None
    if "time" in found and not found["time"].above:
        return found["time"]
    return min(found.values(), key=lambda check: check.ratio)


def compare_noise(visibilities: Visibilities, field_radians: float, sigma_scale: float) -> tuple[str, list[str]]:
    """A note on the scatter of the visibilities, and a warning where it is less than that of their noise.

    More scatter is left to the residuals of the image, which tell a changing sky from noise (`lofi.radio.diagnosis`).
    `sigma_scale` : the factor that their noise was multiplied by; the warning says which one fits.
    """
    check = check_noise(visibilities, field_radians)
    if check is None:
        return (
            "the weights' noise cannot be checked against scatter: too few close neighbours, or no antennas or times",
            [],
        )
    note = f"scatter of {check.pairs} visibilities, neighbours in {check.along}: {check.ratio:.3g} times their noise"
    if not check.below:
        return note, []
    return note, [
        f"neighbouring visibilities (in {check.along}) scatter by {check.ratio:.2g} times the noise that the weights "
        "promise: the weights are too small, or the samples are not independent (copies, overlapping or smoothed "
        f"channels); if the weights are wrong, use the sigma scale {check.ratio * sigma_scale:.3g}"
    ]
