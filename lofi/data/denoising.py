"""Noisy pictures: the observations that a denoiser of any level learns from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lofi.data.observation import Observation, augmented
from lofi.seeds import stream


@dataclass(frozen=True)
class DenoisingObservation(Observation):
    """White Gaussian noise of a level drawn uniformly in its logarithm.

    Attributes
    ----------
    noise : (lowest, highest) standard deviation, in units of the images (peak 1), > 0.
    levels : how many levels, at equal ratios from the lowest to the highest, an image is evaluated at.
    """

    noise: tuple[float, float]
    levels: int = 6
    channels = ("image", "noise_std")

    def __post_init__(self):
        lowest, highest = self.noise
        if not 0 < lowest <= highest < math.inf:
            raise ValueError(f"observation: noise is {list(self.noise)}; expected two positive levels, lowest first")

    @property
    def about(self) -> dict:
        """What a checkpoint remembers of the observations it was trained on."""
        return {"noise": list(self.noise)}

    def observe(
        self, image: np.ndarray, rng: np.random.Generator, level: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Channels (2, H, W), noisy image and noise level (drawn if not given), and truth (1, H, W); float32."""
        if level is None:
            level = np.exp(rng.uniform(*np.log(self.noise)))
        noisy = image + level * rng.standard_normal(image.shape, dtype=np.float32)
        channels = np.stack([noisy, np.full(image.shape, level)])
        return channels.astype(np.float32), np.asarray(image, dtype=np.float32)[None]

    def observe_all(
        self, images: Sequence[np.ndarray], *name: str | int, first: int = 0, each: None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Stacked channels and truths of every image at every level, image by image, numbered from `first`.

        The stream is named (*name, image, level). each : None; images are all observed alike.
        """
        pairs = [
            self.observe(image, stream(*name, index, number), level)
            for index, image in enumerate(images, first)
            for number, level in enumerate(np.geomspace(*self.noise, self.levels))
        ]
        return tuple(np.stack(part) for part in zip(*pairs, strict=True))

    def varied(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The image flipped and turned at random."""
        return augmented(image, rng)
