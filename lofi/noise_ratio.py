"""A measured noise over a promised one, and when the difference is worth a word."""

from dataclasses import dataclass

FACTOR = 1.15  # of the noise, that is named
ERRORS = 3.0  # standard errors from 1, beyond which it is no chance


@dataclass(frozen=True)
class NoiseRatio:
    """`ratio` of the measured noise to the promised one, and its standard `error`."""

    ratio: float
    error: float

    @property
    def above(self) -> bool:
        """Whether the noise is larger than promised, beyond chance."""
        return self.ratio > FACTOR and self.ratio - 1 > ERRORS * self.error

    @property
    def below(self) -> bool:
        """Whether the noise is smaller than promised, beyond chance."""
        return self.ratio < 1 / FACTOR and 1 - self.ratio > ERRORS * self.error
