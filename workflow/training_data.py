"""What a training draws its batches from: images observed anew in every step, or pairs that keep their noise."""

import numpy as np
import torch

from lofi.io.stack import Stack
from lofi.seeds import stream
from simulations.tasks import observation_of

CALIBRATION = 512  # images that spectra, curves and scales are fitted on


class FreshNoise:
    """Images of `maps`, HDF5 shards, observed in every step as `experiment` and a split's `depth` say.

    record : of the maps. `draw` as in `lofi.training.fit.fit`. Streams begin with `name`.
    """

    def __init__(self, maps, experiment, depth, name):
        self.images, self.name = Stack(maps, "images"), name
        self.record = self.images.record
        self.nominal, self.varied = observation_of(experiment), observation_of(experiment, depth)

    def draw(self, number, objects, share):
        chosen = _chosen(self.name, number, objects, len(self.images))[share]
        places = range(objects)[share]
        pairs = self.varied.observe_many(self.images, chosen, *self.name, "train", number, places=places)
        return tuple(map(torch.from_numpy, pairs))

    def calibration(self):
        """Pairs at nominal depth that closed-form parts are fitted on."""
        chosen = _spread(len(self.images))
        return tuple(map(torch.from_numpy, self.nominal.observe_many(self.images, chosen, *self.name, "calibration")))


class FixedNoise:
    """Pairs of the shards of a split, observed once and for all; the interface of `FreshNoise`."""

    def __init__(self, pairs, name):
        self.observed, self.truth, self.name = Stack(pairs, "observed"), Stack(pairs, "truth"), name
        self.record = self.observed.record

    def draw(self, number, objects, share):
        return self._pairs(_chosen(self.name, number, objects, len(self.truth))[share])

    def calibration(self):
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
