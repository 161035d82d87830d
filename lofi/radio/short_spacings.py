"""What visibilities tell of the total flux of a field where no baseline is short enough to measure it.

A positive sky needs `|V(u, v)| ≤ V(0, 0)`, the total flux. Where the coverage has a hole about the zero spacing,
positivity alone fills the scales that nobody measured: in a wide field, more and more flux fits the noise.
"""

from dataclasses import dataclass, replace

import numpy as np

from lofi.radio.measurement import Measurement
from lofi.radio.visibilities.data_set import DataSet

NEAR = 2  # cells of the uv plane about the zero spacing that are looked at; a cell is one over the field
SHARE = 0.8  # ASSUME: visibilities in at most so many of these cells leave a hole
ZERO = 0.5  # ASSUME: baselines shorter than half a cell measure the total flux
SHORT = 2.5  # ASSUME: baselines of up to so many times the shortest beyond these tell how large the source is
SHORTEST = 1.1  # ASSUME: baselines of up to so many times the shortest measure one amplitude
SIGNIFICANT, LOUD = 3.0, 20.0  # amplitude over noise: the least that is used, and the most that counts as a weight
HIGHEST = 3.0  # ASSUME: times the amplitude of the shortest baselines, the most that an extrapolation gives
ERROR, CALIBRATION = 0.2, 0.05  # ASSUME: relative errors of a flux that is extrapolated, and that is measured
ROUNDING = 1e-9  # of lengths that are computed twice
GIVEN = "given by --total-flux"


@dataclass(frozen=True)
class TotalFlux:
    """The total flux of a field and its error, Jy, both positive."""

    jansky: float
    error: float


@dataclass(frozen=True)
class ShortSpacings:
    """What is known of the zero spacing.

    Attributes
    ----------
    flux : total, of the field; None where nothing tells it. source : words on where it comes from.
    shortest, hole : radians per pixel; the shortest baseline, and the shortest one that lies beyond a hole of the
        coverage about the zero spacing. None: there is no hole.
    """

    flux: TotalFlux | None
    source: str
    shortest: float
    hole: float | None

    @property
    def notes(self) -> list[str]:
        """A sentence on the total flux, where it is known."""
        if self.flux is None:
            return []
        held = f"the total flux of the model is drawn towards {self.flux.jansky:.3g} ± {self.flux.error:.2g} Jy"
        doubt = "" if self.source == GIVEN else "; in a field of many sources that is too little"
        return [f"{held}, {self.source}{doubt}"]

    def of_rest(self, rest: Measurement, taken: float | None = None) -> "ShortSpacings":
        """The same of what is left of a measurement after sources of the flux `taken`, Jy, were taken out of it."""
        if self.source == GIVEN and taken is not None and self.flux.jansky - taken > self.flux.error:
            return replace(self, flux=replace(self.flux, jansky=self.flux.jansky - taken))
        return _estimate(rest, self.shortest, self.hole)


def short_spacings(
    path: str, data: DataSet, measurement: Measurement, cell_radians: float, given: TotalFlux | None = None
) -> ShortSpacings | None:
    """The `ShortSpacings` of a data set on an image grid; None where none are missing and no flux is `given`.

    Without a `given` flux: the mean amplitude of baselines shorter than half a cell; where there are none, the flux of
    the Gaussian `|V| = flux exp(−c (u² + v²))` that fits the amplitudes of the shortest ones.

    Raises ValueError, which names `path`, where the given flux is below the amplitude of the shortest baselines.
    """
    field = tuple(size * cell_radians for size in measurement.shape)
    hole = None if _covered(data, field) else 2 * np.pi * cell_radians * _shortest_beyond(data, field)
    shortest = 2 * np.pi * cell_radians * data.shortest
    if given is None:
        return None if hole is None else _estimate(measurement, shortest, hole)
    amplitude, error = _Amplitudes(measurement, 0.0, SHORTEST * shortest).mean()
    if given.jansky + 3 * given.error < amplitude - 3 * error:
        raise ValueError(
            f"{path}: the shortest baselines measure {amplitude:.3g} Jy, and no positive sky has less; the total flux, "
            f"{given.jansky:g} ± {given.error:g} Jy (--total-flux), does not fit: give the flux of all that they see, "
            "or flag these baselines"
        )
    return ShortSpacings(given, GIVEN, shortest, hole)


def _estimate(measurement, shortest, hole):
    if hole is None:
        return ShortSpacings(None, "", shortest, hole)
    if shortest < hole:  # by baselines shorter than half a cell
        flux, error = _Amplitudes(measurement, 0.0, np.nextafter(hole, 0)).mean()
        source = "the mean amplitude of the shortest baselines"
    else:
        amplitude, _ = _Amplitudes(measurement, hole, SHORTEST * hole).mean()
        flux = min(max(_Amplitudes(measurement, hole, SHORT * hole).extrapolated(), amplitude), HIGHEST * amplitude)
        error, source = ERROR * flux, "extrapolated from the amplitudes of the shortest baselines"
    return ShortSpacings(TotalFlux(flux, error) if flux > 0 else None, source, shortest, hole)


def _covered(data, field):
    """Whether visibilities fill the uv plane about the zero spacing, for a field (height, width) in radians."""
    return _filled([data.sample], field) or (data.every > 1 and _filled(data.pieces, field))


def _filled(pieces, field):
    distance = np.hypot(*np.mgrid[-NEAR : NEAR + 1, -NEAR : NEAR + 1])
    seen = np.zeros(distance.shape, dtype=bool)
    for piece in pieces:
        cells = np.stack([piece.v * field[0], piece.u * field[1]])
        inside = np.abs(cells).max(axis=0) < NEAR + 0.5
        seen[tuple(np.rint(cells[:, inside]).astype(int) + NEAR)] = True
    seen |= seen[::-1, ::-1]  # the conjugate ones
    return bool(seen[(distance > 0) & (distance <= NEAR)].mean() > SHARE)


def _shortest_beyond(data, field):
    """Wavelengths of the shortest baseline that does not measure the total flux; of the longest, where all do."""
    shortest = data.longest
    for piece in data.pieces:
        beyond = np.hypot(piece.v * field[0], piece.u * field[1]) >= ZERO
        shortest = np.hypot(piece.u, piece.v)[beyond].min(initial=shortest)
    return float(shortest)


class _Amplitudes:
    """Sums over the amplitudes of baselines of a range of lengths, free of the bias of their noise."""

    def __init__(self, measurement: Measurement, least: float, most: float) -> None:
        self._power = self._weight = 0.0
        self._moments, self._products = np.zeros((2, 2)), np.zeros(2)  # of (1, length²) with itself and with ln |V|
        for part in measurement.parts:
            length = np.hypot(part.flat.x, part.flat.y) / most
            chosen = (length >= least / most * (1 - ROUNDING)) & (length <= 1)
            self._add(length[chosen] ** 2, np.abs(part.visibilities[0][chosen]), part.sigma[chosen])

    def _add(self, square, amplitude, sigma):
        power = amplitude**2 - 2 * sigma**2
        self._power += (power / sigma**2).sum()
        self._weight += (sigma**-2.0).sum()
        good = amplitude > SIGNIFICANT * sigma
        base = np.stack([np.ones(good.sum()), square[good]])
        weighted = base * np.minimum(amplitude / sigma, LOUD)[good] ** 2
        self._moments += weighted @ base.T
        self._products += weighted @ (np.log(power[good]) / 2)

    def mean(self):
        """Root of the weighted mean of `|V|² − 2 sigma²`, and its error, that of calibration at least; Jy."""
        mean = max(self._power / self._weight, 0.0) ** 0.5
        return float(mean), float(np.hypot(CALIBRATION * mean, self._weight**-0.5))

    def extrapolated(self):
        """Flux at length 0 of the Gaussian source that fits, Jy; 0 where no amplitude is significant."""
        total = self._moments[0, 0]
        if total == 0:
            return 0.0
        square, logarithm = self._moments[0, 1] / total, self._products[0] / total
        variance = self._moments[1, 1] / total - square**2
        slope = (square * logarithm - self._products[1] / total) / max(variance, 1e-6 * square**2)
        return float(np.exp(logarithm + max(slope, 0.0) * square))
