"""Noisy pictures: the observations that a denoiser of any level learns from."""

import math
from dataclasses import dataclass

import numpy as np

from lofi.seeds import stream
from simulations.observation import augmented


@dataclass(frozen=True)
class DenoisingObservation:
    """White Gaussian noise of a level drawn uniformly in its logarithm.

    Attributes
    ----------
    noise : (lowest, highest) standard deviation, in units of the images (peak 1), > 0.
    levels : how many levels, at equal ratios from the lowest to the highest, an image is evaluated at.
    """

    noise: tuple[float, float]
    levels: int = 6
    channels = ("image", "noise_std")
    outputs = 1

    def __post_init__(self):
        lowest, highest = self.noise
        if not 0 < lowest <= highest < math.inf:
            raise ValueError(f"observation: noise is {list(self.noise)}; expected two positive levels, lowest first")

    @property
    def about(self):
        """What a checkpoint remembers of the observations it was trained on."""
        return {"noise": list(self.noise)}

    def observe(self, image, rng, level=None):
        """Channels (2, H, W), noisy image and noise level (drawn if not given), and truth (1, H, W); float32."""
        if level is None:
            level = np.exp(rng.uniform(*np.log(self.noise)))
        noisy = image + level * rng.standard_normal(image.shape, dtype=np.float32)
        channels = np.stack([noisy, np.full(image.shape, level)])
        return channels.astype(np.float32), np.asarray(image, dtype=np.float32)[None]

    def observe_all(self, images, *name, first=0):
        """Stacked channels and truths of every image at every level, image by image, numbered from `first`.

        The stream is named (*name, image, level).
        """
        pairs = [
            self.observe(image, stream(*name, index, number), level)
            for index, image in enumerate(images, first)
            for number, level in enumerate(np.geomspace(*self.noise, self.levels))
        ]
        return tuple(np.stack(part) for part in zip(*pairs, strict=True))

    def observe_many(self, images, numbers, *name, places=None):
        """Stacked channels and truths of the images of these `numbers`, turned.

        Streams are named (*name, place); `places` are by default 0, 1, … and, of a part of a batch, those in the batch.
        """
        pairs = []
        for place, number in zip(range(len(numbers)) if places is None else places, numbers, strict=True):
            rng = stream(*name, place)
            pairs.append(self.observe(augmented(images[number], rng, periodic=False), rng))
        return tuple(np.stack(part) for part in zip(*pairs, strict=True))
