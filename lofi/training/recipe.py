"""How a network is trained: the keywords under `training` of a model's description. Loads no torch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from lofi.options import call

FALLS = {  # factor of the learning rate, by the part of the steps that is done
    "cosine": lambda part: 0.5 * (1 + math.cos(math.pi * part)),
    "constant": lambda part: 1.0,
    "trapezoid": lambda part: min(1.0, 4 * (1 - part)),
}


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    steps : optimiser steps. objects : images per step, fed `microbatch` at a time (0: all at once) with accumulated
    gradients; of several processes each is fed its share so. learning_rate : Adam's, after `warmup` steps of linear
    rise, then by `schedule`: a cosine to 0, constant, or a trapezoid: constant, with a line to 0 in the last quarter;
    its first three quarters do not depend on `steps` (Hägele et al. 2024). geometry_learning_rate : of the patch
    offsets (default: the same). ema : decay of the averaged weights that are kept, 0 for the last weights. clip :
    largest gradient norm, 0 for none. repeats : optimiser steps per batch of objects, each with new pixels.
    validate_every, save_every : in steps.
    """

    steps: int
    objects: int = 16
    microbatch: int = 0
    repeats: int = 1
    learning_rate: float = 1e-4
    geometry_learning_rate: float | None = None
    schedule: str = "cosine"
    warmup: int = 50
    ema: float = 0.995
    clip: float = 1.0
    validate_every: int = 100
    save_every: int = 200

    def __post_init__(self):
        if self.schedule not in FALLS:
            raise ValueError(f"training: schedule is {self.schedule!r}; expected {', '.join(FALLS)}")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type is int and not isinstance(value, int):
                raise ValueError(f"training: {field.name} is {value!r}; expected a whole number")
            if field.type is not str and not isinstance(value, field.type | int):
                raise ValueError(f"training: {field.name} is {value!r}; expected a number (in YAML, write 1.0e-4)")
        for name in ("microbatch", "warmup", "clip"):
            if getattr(self, name) < 0:
                raise ValueError(f"training: {name} is {getattr(self, name)!r}; expected 0 or more")
        for name in ("steps", "objects", "repeats", "learning_rate", "validate_every", "save_every"):
            if getattr(self, name) <= 0:
                raise ValueError(f"training: {name} is {getattr(self, name)!r}; expected a positive number")
        if not 0 <= self.ema < 1:
            raise ValueError(f"training: ema is {self.ema!r}; expected a number from 0 to below 1")

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """The recipe of a mapping of keywords; ValueError, one sentence, if it does not fit."""
        return call(cls, options, "training")

    def rate(self, step: int) -> float:
        """Factor of the learning rate at `step`."""
        rise = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        return rise * FALLS[self.schedule](step / self.steps)


def model_and_recipe(description: Mapping, outputs: int = 1) -> tuple[dict[str, Any], Mapping | None]:
    """A model's own keywords, and those of its training, None where it has none, of its description.

    Models reconstruct one channel unless the observation's truth has more `outputs`.
    """
    options = dict(description)
    recipe = options.pop("training", None)
    return options if outputs == 1 else options | {"outputs": outputs}, recipe
