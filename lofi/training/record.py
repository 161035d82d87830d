"""What the record of a trained model says of its training, the same for the workflow's and for a user's own."""

from collections.abc import Mapping, Sequence
from typing import Any

from lofi.priors.ranges import ranges_of


def training_record(
    experiment: Mapping,
    description: Mapping,
    depth: Mapping,
    *,
    data: Mapping,
    nominal: Any,
    noise: str,
    name: Sequence[str | int],
) -> dict[str, Any]:
    """Task, ranges, recipe, data and seed, for `about` of `lofi.training.model.train_model`.

    Parameters
    ----------
    experiment : `task`, `field` and `observation`, as in the configuration. description : of the model, with its
        `training`. depth : of the training split.
    data : record of the images. nominal : their observation at nominal depth. noise : `fresh` or `fixed`. name : that
        random streams begin with.
    """
    return {
        "task": experiment["task"],
        "ranges": ranges_of(experiment, depth),
        "training": description.get("training"),
        "data": data,
        "observation": experiment["observation"],
        **nominal.about,
        "noise_in_training": noise,
        "depth": depth,
        "field": experiment["field"],
        "seed": list(name),
    }
