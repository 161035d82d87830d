"""What an experiment observes, by the name of its task."""

from simulations.denoising import DenoisingObservation
from simulations.observation import lensing_observation
from simulations.photography import PhotographyObservation
from simulations.tomography import TomographyObservation


def observation_of(experiment, depth=None):
    """The observation of an experiment, a mapping with `task`, `field` and `observation` as in config/experiments.

    `depth` is that of a split, for the task `lensing`. Raises ValueError for an unknown task.
    """
    options, field = experiment["observation"], experiment["field"]
    if experiment["task"] == "denoising":
        return DenoisingObservation(**{**options, "noise": tuple(options["noise"])})
    if experiment["task"] == "lensing":
        return lensing_observation(options, field["extent_arcmin"] / field["pixels"], depth)
    if experiment["task"] == "tomography":
        return TomographyObservation(field["pixels"], **options)
    if experiment["task"] == "photography":
        return PhotographyObservation(**options)
    raise ValueError(f"task is {experiment['task']!r}; expected lensing, denoising, tomography or photography")
