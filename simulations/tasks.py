"""What an experiment observes, by the name of its task."""

from collections.abc import Mapping

import numpy as np

from lofi.data.denoising import DenoisingObservation
from lofi.data.lensing import lensing_observation
from lofi.data.observation import Observation
from simulations.photography import PhotographyObservation
from simulations.sphere.nominal import nominal_observation
from simulations.tomography import TomographyObservation
from simulations.warping import WarpingObservation


def observation_of(experiment: Mapping, depth: Mapping | None = None) -> Observation:
    """The observation of an experiment, a mapping with `task`, `field` and `observation` as in config/experiments.

    `depth` is that of a split, for the task `lensing`. Raises ValueError for an unknown task.
    """
    options, field = experiment["observation"], experiment["field"]
    if experiment["task"] == "denoising":
        return DenoisingObservation(**{**options, "noise": tuple(options["noise"])})
    if experiment["task"] == "lensing":
        return lensing_observation(options, field, depth)
    if experiment["task"] == "tomography":
        return TomographyObservation(field["pixels"], **options)
    if experiment["task"] == "photography":
        return PhotographyObservation(**options)
    if experiment["task"] == "warping":
        return WarpingObservation(**options)
    if experiment["task"] == "sphere":
        return nominal_observation(options, field["nside"])
    tasks = "lensing, denoising, tomography, photography, warping or sphere"
    raise ValueError(f"task is {experiment['task']!r}; expected {tasks}")


def scored_pixels(experiment: Mapping, shape: tuple[int, int]) -> np.ndarray:
    """The pixels (H, W) of a truth of `shape` that its observation shows: all, but of warped pictures."""
    if experiment["task"] == "warping":
        return observation_of(experiment).visible(shape)
    return np.ones(shape, dtype=bool)
