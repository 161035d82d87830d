"""`costs`: what training costs, measured model by model and size by size."""

from typing import Annotated

from pydantic import Field

from workflow.configuration.setting import (
    Count,
    Distinct,
    Names,
    Number,
    Positive,
    Setting,
    Whole,
    check_known,
    setting,
)


class Cost(Setting):
    """A table of costs; a cell is a model at a resolution."""

    models: Names = setting("Models, a row each.")
    channels: Names = setting("Names of the images' channels.", example=["fbp"])
    resolutions: Annotated[list[Annotated[int, Field(ge=16)]], Field(min_length=1), Distinct] = setting(
        "Sides of the images, a column each.", unit="pixels", example=[128, 256]
    )
    objects: Count = setting("Images per batch.")
    microbatch: Number = setting("Images that are fed at once, in place of each model's own; 0: all.", default=None)
    batches: Count = setting("Batches that are timed, after one that is not.")
    training_images: Count = setting("Images of an epoch.")
    memory_limit_gb: Positive = setting(
        "Limit of a cell, above what the interpreter holds; beyond: `> limit`.", unit="GB"
    )
    time_limit_s: Count = setting("Limit of a cell; beyond: `> limit`.", unit="seconds")

    def check(self, whole: Whole, key: str) -> None:
        """Raise Mistake if a model does not exist."""
        for model in self.models:
            check_known(model, whole.models, f"{key}.models")
