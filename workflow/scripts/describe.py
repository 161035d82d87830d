"""Build one model to check its description before anything expensive starts, and count its parameters."""

import json
from pathlib import Path

from lofi.io.atomic import replacing
from lofi.models.registry import build
from lofi.training.recipe import Recipe
from simulations.tasks import observation_of
from workflow.job import run
from workflow.model_description import model_and_recipe


def describe(*, size: Path, model: str, description: dict, experiment: dict) -> None:
    observation = observation_of(experiment)
    options, recipe = model_and_recipe(description, observation)
    try:
        network = build(options, observation.channels, (experiment["field"]["pixels"],) * 2)
        if network.trainable:
            Recipe.of(recipe or {})
    except ValueError as error:
        raise ValueError(f"models.{model}: {error}") from error
    row = {"model": model, "parameters": sum(p.numel() for p in network.parameters()), "trainable": network.trainable}
    with replacing(size) as path:
        path.write_text(json.dumps(row, indent=2) + "\n")


if __name__ == "__main__":
    run(snakemake, describe)
