"""Build every model of every experiment, so that a wrong value stops the run before it simulates."""

import json
from pathlib import Path

from lofi.io.atomic import replacing
from lofi.models.registry import build
from lofi.priors.record import read_record
from lofi.priors.shipped import SHIPPED
from lofi.training.recipe import model_and_recipe
from simulations.tasks import observation_of
from workflow.job import run


def check_models(*, checked: Path, experiments: dict[str, dict], models: dict[str, dict]) -> None:
    """Write the numbers of parameters, {experiment: {model: number}}.

    experiments : what each observes, and the names of its `models`.
    """
    counts = {}
    for name, experiment in experiments.items():
        observation, size = observation_of(experiment), (experiment["field"]["pixels"],) * 2
        counts[name] = {model: _parameters(model, models[model], observation, size) for model in experiment["models"]}
    with replacing(checked) as path:
        path.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")


def _parameters(model, description, observation, size):
    """Number of parameters of a model. Raises ValueError, one sentence that names the model, if it cannot be built."""
    if description["class"] == "shipped":
        return read_record(SHIPPED / description["name"])["parameters"]
    options, _ = model_and_recipe(description, observation.outputs)
    try:
        counts = [parameter.numel() for parameter in build(options, observation.channels, size).parameters()]
        if 0 in counts:
            raise ValueError("has a layer without weights; expected sizes of at least 1")
    except (ValueError, TypeError, LookupError, ArithmeticError, RuntimeError) as error:
        raise ValueError(f"models.{model}: {error}") from error
    return sum(counts)


if __name__ == "__main__":
    run(snakemake, check_models)
