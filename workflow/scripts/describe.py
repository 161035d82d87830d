"""Build one model to check its description before anything expensive starts, and count its parameters."""

import json

from lofi.io.atomic import replacing
from lofi.models.registry import build
from lofi.training.fit import Recipe
from simulations.tasks import observation_of
from workflow.job import job
from workflow.model_description import model_and_recipe


def describe(*, output, name, description, experiment):
    observation = observation_of(experiment)
    options, recipe = model_and_recipe(description, observation)
    try:
        model = build(options, observation.channels, (experiment["field"]["pixels"],) * 2)
        if model.trainable:
            Recipe.of(recipe or {})
    except ValueError as error:
        raise ValueError(f"models.{name}: {error}") from error
    size = {"model": name, "parameters": sum(p.numel() for p in model.parameters()), "trainable": model.trainable}
    with replacing(output) as path:
        path.write_text(json.dumps(size, indent=2) + "\n")


with job(snakemake):
    describe(
        output=snakemake.output[0],
        name=snakemake.wildcards.model,
        description=snakemake.params.description,
        experiment=snakemake.params.experiment,
    )
