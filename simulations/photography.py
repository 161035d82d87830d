"""Colour pictures under white noise of one level (paper V-C, Figures 4 and 5)."""

import math
from dataclasses import dataclass

import numpy as np

from lofi.data.observation import Observation


@dataclass(frozen=True)
class PhotographyObservation(Observation):
    """White Gaussian noise, independent in each colour, on pictures from 0 to 1; the result is not cut off there.

    sigma : its standard deviation, > 0. Paper: 0.15.
    """

    sigma: float
    channels = ("red", "green", "blue")
    outputs = 3

    def __post_init__(self):
        if not 0 < self.sigma < math.inf:
            raise ValueError(f"observation: sigma is {self.sigma}; expected a positive number")

    @property
    def about(self) -> dict:
        """What a checkpoint remembers of the observations it was trained on."""
        return {"sigma": self.sigma}

    def observe(self, picture: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Noisy picture and truth, both (3, H, W), float32."""
        truth = np.asarray(picture, dtype=np.float32)
        return truth + np.float32(self.sigma) * rng.standard_normal(truth.shape, dtype=np.float32), truth
