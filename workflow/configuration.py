"""The configuration: YAML files merged, checked against the schema and against itself."""

import os
from pathlib import Path

import yaml

from workflow.experiment_check import check_experiment, check_tiny_figure
from workflow.geometry_check import check_geometry_figure
from workflow.inversion_check import check_inversion, check_radio_figures
from workflow.picture_check import check_inpainting, check_inpainting_figure, check_probe
from workflow.schema_check import check_schema, known

DRAWN = ("mass", "galaxies", "ldct", "geometry", "transposed")  # experiments that tables and figures are made of
NOUNS = (
    "experiments",
    "models",
    "observations",
    "methods",
    "inversions",
    "inpaintings",
    "probes",
    "downloads",
    "costs",
)


def assemble(overrides, folder="config"):
    """The whole configuration: the files of nouns and cluster under `overrides` (config.yaml, overlays, command line).

    Raises ValueError, one sentence, for an unreadable file, a misspelt or out-of-range key, or an unknown name.
    """
    merged = {}
    for noun in NOUNS:
        for path in sorted([*Path(folder, noun).glob("*.yaml"), *Path(folder).glob(f"{noun}.yaml")]):
            _merge(merged, _load(path))
    _merge(merged, _load(Path(folder, "cluster.yaml")))
    _merge(merged, overrides)
    check_schema(merged)
    _check_names(merged)
    return merged


def check_results_folder(folder):
    """ValueError if the results cannot be written there."""
    existing = next(path for path in [Path(folder).absolute(), *Path(folder).absolute().parents] if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise ValueError(f"results cannot be written: {existing} is not a writable folder")


def is_radio(observation):
    """Whether an observation is of visibilities; all others are of shear."""
    return "pixels" in observation or "cell_arcsec" in observation


def _load(path):
    try:
        content = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds no mapping; expected keys such as {', '.join(NOUNS)}")
    return content


def _merge(base, overlay):
    """Put `overlay` over `base`, mapping by mapping; a value of null removes the key."""
    for key, value in overlay.items():
        if value is None:
            base.pop(key, None)
        elif isinstance(value, dict):
            if not isinstance(base.get(key), dict):
                base[key] = {}
            _merge(base[key], value)
        else:
            base[key] = value


def _check_names(config):
    for noun in ("observations", "inversions"):
        for name in config["build"][noun]:
            known(name, config[noun], f"build.{noun}")
    for name in DRAWN:
        known(name, config["experiments"], "experiments, of which the workflow draws some by name")
    for name, experiment in config["experiments"].items():
        check_experiment(config, name, experiment)
    for name, inversion in config["inversions"].items():
        check_inversion(config, name, inversion)
    check_radio_figures(config)
    check_tiny_figure(config)
    for name, inpainting in config["inpaintings"].items():
        check_inpainting(config, name, inpainting)
    check_inpainting_figure(config)
    for name, probe in config["probes"].items():
        check_probe(config, name, probe)
    check_geometry_figure(config)
    for name, cost in config["costs"].items():
        for model in cost["models"]:
            known(model, config["models"], f"costs.{name}.models")
    for name, observation in config["observations"].items():
        _check_observation(config, f"observations.{name}", observation)


def _check_observation(config, where, observation):
    """The model exists and is of the kind that the data need, and so is what simulates them."""
    task = "denoising" if is_radio(observation) else "lensing"
    chosen, simulated = observation["checkpoint"], observation.get("simulated", {})
    known(chosen["experiment"], config["experiments"], f"{where}.checkpoint")
    experiment = config["experiments"][chosen["experiment"]]
    if experiment["task"] != task:
        raise ValueError(
            f"configuration, {where}.checkpoint: {chosen['experiment']} is an experiment of {experiment['task']}; "
            f"the observation needs one of {task}"
        )
    known(chosen["model"], experiment["models"], f"{where}.checkpoint")
    for key, noun in (("experiment", "experiments"), ("inversion", "inversions")):
        if key in simulated:
            known(simulated[key], config[noun], f"{where}.simulated")
