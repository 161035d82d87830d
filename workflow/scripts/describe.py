"""All models of an experiment, built once to check their descriptions before anything expensive starts."""

import json

from lofi.io.atomic import replacing
from lofi.models import build
from lofi.training import Recipe
from simulations.observation import CHANNELS
from workflow.job import job


def describe(*, output, models, pixels):
    sizes = {}
    for name, description in models.items():
        options = dict(description)
        recipe = options.pop("training", None)
        try:
            model = build(options, CHANNELS, (pixels, pixels))
            if model.trainable:
                Recipe.of(recipe or {})
        except (TypeError, ValueError) as error:
            raise ValueError(f"models.{name}: {error}") from error
        sizes[name] = {"parameters": sum(p.numel() for p in model.parameters()), "trainable": model.trainable}
    with replacing(output) as path:
        path.write_text(json.dumps(sizes, indent=2) + "\n")


with job(snakemake):
    describe(output=snakemake.output[0], models=snakemake.params.models, pixels=snakemake.params.pixels)
