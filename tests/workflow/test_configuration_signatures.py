"""What the check reads from the source of classes, without torch, is what Python says of them."""

import importlib
import inspect
from pathlib import Path

import pytest

from simulations.tasks import observation_of
from workflow.configuration import assemble, load, methods, networks
from workflow.configuration.observations import RadioObservation
from workflow.configuration.signatures import choices, signature
from workflow.configuration.whole import Configuration

FOLDER = Path(__file__).parents[2] / "config"
REGISTRIES = [networks.MODELS, methods.METHODS, methods.FILLS, *(place[:2] for place in networks.PARTS.values())]
OTHERS = [
    *(place[:2] for place in networks.MAPPINGS.values()),
    networks.CONDITIONED[:2],
    ("lofi.training.recipe", "Recipe"),
    ("lofi.solvers.admm", "Schedule"),
    ("lofi.solvers.fill_schedule", "FillSchedule"),
]
CLASSES = sorted({*OTHERS, *(place for registry in REGISTRIES for place in choices(*registry).values())})


@pytest.mark.parametrize("registry", sorted(set(REGISTRIES)), ids=lambda place: place[1])
def test_a_registry_holds_what_is_read_from_its_source(registry):
    module, name = registry
    mapping = getattr(importlib.import_module(module), name)
    assert {key: (kind.__module__, kind.__name__) for key, kind in mapping.items()} == choices(module, name)


@pytest.mark.parametrize(("module", "name"), CLASSES, ids=lambda part: part.rpartition(".")[2])
def test_keywords_are_those_of_the_constructor(module, name):
    parameters = inspect.signature(getattr(importlib.import_module(module), name)).parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    assert [(p.name, p.required) for p in signature(module, name)] == [(p.name, p.default is p.empty) for p in named]


@pytest.fixture(scope="module")
def laptop():
    """The experiments of the laptop scale, as models and as the mappings that scripts read."""
    whole = assemble(load(FOLDER / "config.yaml"), FOLDER)
    return Configuration.model_validate(whole).experiments, whole["experiments"]


@pytest.mark.parametrize("task", ["lensing", "denoising", "tomography", "photography", "warping", "sphere"])
def test_channels_of_a_task_are_those_that_are_observed(laptop, task):
    models, mappings = laptop
    name = next(name for name, experiment in models.items() if experiment.task == task)
    observation = observation_of(mappings[name])
    assert tuple(observation.channels) == models[name].channels
    assert observation.outputs == models[name].outputs


def test_the_default_iterations_are_those_of_the_schedule():
    schedule = importlib.import_module("lofi.solvers.admm").Schedule
    assert RadioObservation.model_fields["iterations"].default == schedule.iterations
