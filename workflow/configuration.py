"""The configuration: YAML files merged, checked against the schema and against itself."""

import os
from pathlib import Path

import yaml

from simulations.survey import Depth
from workflow.inversion_check import check_figures, check_inversion
from workflow.schema_check import check_schema, known

PARTITIONS = {"boxes": "nbody", "lens_planes": "ktng", "pictures": "pictures"}  # what keeps splits apart, by source
PARTS = {"boxes": "box", "lens_planes": "lens-plane set", "pictures": "picture"}  # one of each
TASKS = {"lensing": ("nbody", "lognormal", "gaussian", "ktng"), "denoising": ("galaxies", "pictures")}  # and sources
NOUNS = ("experiments", "models", "observations", "methods", "inversions")


def assemble(overrides, folder="config"):
    """The whole configuration: the nouns' own files, overridden by `overrides` (config.yaml, overlays, command line).

    Raises ValueError, one sentence, for an unreadable file, a misspelt or out-of-range key, or an unknown name.
    """
    merged = {}
    for noun in NOUNS:
        for path in sorted(Path(folder, noun).glob("*.yaml")):
            _merge(merged, _load(path))
    _merge(merged, overrides)
    check_schema(merged)
    _check_names(merged)
    return merged


def check_results_folder(folder="results"):
    """ValueError if the results cannot be written there."""
    path = Path(folder)
    existing = path if path.exists() else path.absolute().parent
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise ValueError(f"results cannot be written: {existing} is not a writable folder")


def evaluation_splits(experiment):
    """Names of the splits that are scored."""
    return [name for name in experiment["splits"] if name not in ("train", "validation")]


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
    for name, experiment in config["experiments"].items():
        where = f"experiments.{name}"
        for split, options in experiment["splits"].items():
            known(options["source"], config["sources"], f"{where}.splits.{split}.source")
            _check_split(config, experiment, f"{where}.splits.{split}", options)
        for model in experiment["models"]:
            known(model, config["models"], f"{where}.models")
        if experiment["task"] == "lensing":
            _check_products(where, experiment)
        _check_independence(where, experiment["splits"])
    for name, inversion in config["inversions"].items():
        check_inversion(config, name, inversion)
    check_figures(config)
    for name, observation in config["observations"].items():
        _check_observation(config, f"observations.{name}", observation)


def _check_products(where, experiment):
    for model in [*experiment["figure"]["models"], experiment["export"]["model"]]:
        known(model, experiment["models"], f"{where}.figure or .export")
    for split in (experiment["figure"]["split"], experiment["export"]["split"]):
        known(split, evaluation_splits(experiment), f"{where}.figure or .export")


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


def _check_split(config, experiment, where, split):
    """A split has what its source needs, nothing that its source ignores, and a sound depth."""
    kind = config["sources"][split["source"]]["kind"]
    if kind not in TASKS[experiment["task"]]:
        raise ValueError(f"configuration, {where}: a source of kind {kind} does not suit {experiment['task']}")
    if (kind == "galaxies") != ("images" in split):
        raise ValueError(f"configuration, {where}: images are what splits of simulated galaxies need, and they alone")
    for key, owner in PARTITIONS.items():
        if kind == owner and not split.get(key):
            raise ValueError(f"configuration, {where}: a source of kind {kind} needs {key}")
        if kind != owner and key in split:
            raise ValueError(f"configuration, {where}: {key} belong to {owner} sources, {split['source']} is {kind}")
    train = experiment["splits"]["train"]["source"]
    if kind == "nbody" and split["source"] != train:
        raise ValueError(
            f"configuration, {where}: source {split['source']} takes its transfer functions from the training boxes, "
            f"but train uses {train}"
        )
    try:
        Depth(**split.get("depth", {}))
    except ValueError as error:
        raise ValueError(f"configuration, {where}: {error}") from error


def _check_independence(where, splits):
    """Training and validation share no box, lens planes or picture with any other split."""
    for first in ("train", "validation"):
        for name, split in splits.items():
            if name == first or split["source"] != splits[first]["source"]:
                continue
            shared = _parts(splits[first]) & _parts(split)
            if shared:
                part = next(PARTS[key] for key in PARTS if key in split)
                raise ValueError(
                    f"configuration, {where}: splits {name} and {first} share {split['source']} {part} {min(shared)}; "
                    "they must differ"
                )


def _parts(split):
    """Numbers of the boxes, lens-plane sets or pictures of a split."""
    first, last = split.get("lens_planes", split.get("pictures", (1, 0)))
    return set(split.get("boxes", [])) | set(range(first, last + 1))
