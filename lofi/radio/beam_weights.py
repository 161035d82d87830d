"""At which frequencies and angles of the dishes visibilities saw the sky, and with which weights."""

from dataclasses import dataclass

import numpy as np

from lofi.radio.parallactic_angle import parallactic_angle
from lofi.radio.visibilities.visibilities import DAY, Visibilities

CHANNELS = 16  # at which a beam is evaluated, at most
ANGLES = 180  # of a turn


@dataclass(frozen=True, eq=False)
class BeamWeights:
    """How a primary beam is averaged.

    Attributes
    ----------
    frequencies : (F,), Hz, ascending. weights : (F, ANGLES), of the data near each frequency and at a parallactic angle
        near k · 360° / ANGLES. angles : words on these, for a note.
    """

    frequencies: np.ndarray
    weights: np.ndarray
    angles: str = ""

    def at(self, frequency: float) -> "BeamWeights":
        """All weights at one frequency, Hz."""
        return BeamWeights(np.array([frequency]), self.weights.sum(axis=0, keepdims=True), self.angles)

    def each(self) -> "list[BeamWeights]":
        """One for each frequency."""
        pairs = zip(self.frequencies[:, None], self.weights[:, None], strict=True)
        return [BeamWeights(*pair, self.angles) for pair in pairs]


def at_all_angles(frequencies: np.ndarray, weights: np.ndarray, reason: str = "") -> BeamWeights:
    """Weights (F,) at frequencies (F,) in Hz of dishes at all angles alike; `reason`: why these are taken."""
    even = np.repeat(np.asarray(weights, np.float64)[:, None] / ANGLES, ANGLES, axis=1)
    return BeamWeights(np.asarray(frequencies, np.float64), even, f"mean over all angles of the dishes{reason}")


def channels(visibilities: Visibilities) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies in Hz, ascending, at most `CHANNELS`, and the weights `Σ 1/sigma²` that the data have near them."""
    weights, frequency = _weights(visibilities), visibilities.frequency
    total, edges = np.histogram(frequency, CHANNELS, weights=weights)
    first, _ = np.histogram(frequency - edges[0], edges - edges[0], weights=weights * (frequency - edges[0]))
    filled = total > 0
    return edges[0] + first[filled] / total[filled], total[filled]


def beam_weights(
    visibilities: Visibilities, direction: tuple[float, float] | None, site: tuple[float, float] | None
) -> BeamWeights:
    """The `BeamWeights` of visibilities by dishes that point in a direction and stand at a site, alt-azimuth mounted.

    direction, site : as of `parallactic_angle`; site None: the beam is round. Where the angles are not known, all count
    alike.
    """
    frequencies, total = channels(visibilities)
    if site is None:
        return at_all_angles(frequencies, total)
    if direction is None or visibilities.time is None or visibilities.time_zero is None:
        lacking = "the phase centre" if direction is None else "the date and time (UTC) of the samples"
        return at_all_angles(frequencies, total, f", because the data do not tell {lacking}")
    times, moment = np.unique(visibilities.time, return_inverse=True)
    angles, elevation = parallactic_angle(visibilities.time_zero + times / DAY, direction, site)
    if elevation.min() < 0:
        return at_all_angles(frequencies, total, ", because the source is below the horizon at the times in the data")
    edges = np.histogram_bin_edges(visibilities.frequency, CHANNELS)
    channel = np.clip(np.searchsorted(edges, visibilities.frequency, side="right") - 1, 0, CHANNELS - 1)
    place = np.rint(angles * ANGLES / 360).astype(int)[moment] % ANGLES
    size = CHANNELS * ANGLES
    weights = np.bincount(channel * ANGLES + place, _weights(visibilities), size).reshape(CHANNELS, ANGLES)
    span = np.unwrap(angles, period=360)
    words = f"mean over parallactic angles of {span.min():.0f} to {span.max():.0f} degrees"
    return BeamWeights(frequencies, weights[weights.any(axis=1)], words)


def _weights(visibilities):
    return (visibilities.sigma.min() / visibilities.sigma) ** 2
