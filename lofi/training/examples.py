"""What a training draws its batches from: images observed anew in every step, or pairs that keep their noise."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from lofi.seeds import stream

CALIBRATION = 512  # images that spectra, curves and scales are fitted on
Pairs = tuple[torch.Tensor, torch.Tensor]  # observed channels (N, C, H, W) and truths (N, T, H, W)


class FreshNoise:
    """Images (N, H, W), a sequence, observed in every step by `varied`; `nominal` observes at nominal depth.

    `draw` as in `lofi.training.fit.fit`. Streams begin with `name`. `each` (N,): what else an observation needs to know
    of an image (`lofi.data.observation.Observation.observe_each`).
    """

    def __init__(
        self,
        images: Sequence[np.ndarray],
        nominal: Any,
        varied: Any,
        name: Sequence[str | int],
        each: Sequence[tuple] | None = None,
    ) -> None:
        self.images, self.nominal, self.varied, self.name, self.each = images, nominal, varied, name, each

    def draw(self, number: int, objects: int, share: slice) -> Pairs:
        chosen = _chosen(self.name, number, objects, len(self.images))[share]
        places = range(objects)[share]
        name = (*self.name, "train", number)
        pairs = self.varied.observe_many(self.images, chosen, *name, places=places, each=self.each)
        return tuple(map(torch.from_numpy, pairs))

    def calibration(self) -> Pairs:
        """Pairs at nominal depth that closed-form parts are fitted on."""
        chosen = _spread(len(self.images))
        pairs = self.nominal.observe_many(self.images, chosen, *self.name, "calibration", each=self.each)
        return tuple(map(torch.from_numpy, pairs))


class FixedNoise:
    """Pairs observed once and for all, sequences of channels and of truths; the interface of `FreshNoise`."""

    def __init__(self, observed: Sequence[np.ndarray], truth: Sequence[np.ndarray], name: Sequence[str | int]) -> None:
        self.observed, self.truth, self.name = observed, truth, name

    def draw(self, number: int, objects: int, share: slice) -> Pairs:
        return self._pairs(_chosen(self.name, number, objects, len(self.truth))[share])

    def calibration(self) -> Pairs:
        """Pairs that closed-form parts are fitted on."""
        return self._pairs(_spread(len(self.truth)))

    def _pairs(self, chosen):
        return torch.from_numpy(self.observed[chosen]), torch.from_numpy(self.truth[chosen])


def _chosen(name, number, objects, count):
    """Numbers of the `objects` of a batch, drawn with replacement; a batch as large as the data set is the data set."""
    if objects > count:
        raise ValueError(f"training: objects is {objects}, more than the {count} images of the training split")
    if objects == count:
        return np.arange(count)
    return stream(*name, "objects", number).integers(count, size=objects)


def _spread(count):
    return range(0, count, max(1, count // CALIBRATION))[:CALIBRATION]
