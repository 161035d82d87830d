"""The recipes that priors ship with, for trainings on other data: what their records say, nothing written twice."""

from typing import Any

from lofi.priors.record import read_record
from lofi.priors.shipped import find

KEYS = ("task", "field", "observation", "depth")


def shipped_recipe(task: str, steps: int | None = None, width: int | None = None) -> dict[str, Any]:
    """What the prior that ships for `task` was trained by.

    Parameters
    ----------
    steps, width : in place of the recipe's own, of the training and of the network.

    Returns
    -------
    `model`, a description with its `training`; `task`, `field`, `observation` and `depth` as in the configuration of an
    experiment; `images`, how many it was trained on.
    """
    for key, value in (("steps", steps), ("width", width)):
        if value is not None and value < 1:
            raise ValueError(f"--{key} is {value}; expected at least 1")
    record = read_record(find(None, task))
    model = record["model"] | {"training": dict(record["training"])}
    if steps is not None:
        model["training"]["steps"] = steps
    if width is not None:
        model["network"] = model["network"] | {"width": width}
    return {"model": model, "images": record["data"]["split"]["maps"]} | {key: record[key] for key in KEYS}
