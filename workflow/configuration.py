"""The configuration: YAML files merged, checked against the schema and against itself."""

import json
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parent / "schemas" / "config.schema.json"
NOUNS = ("experiments", "models", "observations")


def assemble(overrides, folder="config"):
    """The whole configuration: the nouns' own files, overridden by `overrides` (config.yaml, overlays, command line).

    Raises ValueError, one sentence, for an unreadable file, a misspelt or out-of-range key, or an unknown name.
    """
    merged = {}
    for noun in NOUNS:
        for path in sorted(Path(folder, noun).glob("*.yaml")):
            _merge(merged, _load(path))
    _merge(merged, overrides)
    _check_schema(merged)
    _check_names(merged)
    return merged


def evaluation_splits(experiment):
    """Names of the splits that are scored."""
    return [name for name in experiment["splits"] if name not in ("train", "validation")]


def _load(path):
    try:
        content = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds no mapping; expected keys such as {', '.join(NOUNS)}")
    return content


def _merge(base, overlay):
    for key, value in overlay.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


def _check_schema(config):
    validator = Draft202012Validator(json.loads(SCHEMA.read_text()))
    errors = sorted(
        validator.iter_errors(config), key=lambda e: (len(e.absolute_path), list(map(str, e.absolute_path)))
    )
    if errors:
        error = errors[0]
        where = ".".join(map(str, error.absolute_path)) or "the top level"
        known = error.schema.get("properties", {}) if error.validator == "additionalProperties" else {}
        hint = f"; expected {', '.join(known)}" if known else ""
        raise ValueError(f"configuration, {where}: {error.message}{hint}")


def _check_names(config):
    for noun in ("experiments", "observations"):
        for name in config["build"][noun]:
            _known(name, config[noun], f"build.{noun}")
    for name, experiment in config["experiments"].items():
        where = f"experiments.{name}"
        for split, options in experiment["splits"].items():
            _known(options["source"], config["sources"], f"{where}.splits.{split}.source")
            if _is_nbody(config, options) and not options.get("boxes"):
                raise ValueError(f"configuration, {where}.splits.{split}: an nbody source needs boxes")
            train = experiment["splits"]["train"]["source"]
            if _is_nbody(config, options) and options["source"] != train:
                raise ValueError(
                    f"configuration, {where}.splits.{split}: source {options['source']} takes its transfer functions "
                    f"from the training boxes, but train uses {train}"
                )
        for model in experiment["models"]:
            _known(model, config["models"], f"{where}.models")
        for model in [*experiment["figure"]["models"], experiment["export"]["model"]]:
            _known(model, experiment["models"], f"{where}.figure or .export")
        for split in (experiment["figure"]["split"], experiment["export"]["split"]):
            _known(split, evaluation_splits(experiment), f"{where}.figure or .export")
        _check_independence(where, experiment["splits"])
    for name, observation in config["observations"].items():
        chosen = observation["checkpoint"]
        _known(chosen["experiment"], config["experiments"], f"observations.{name}.checkpoint")
        _known(
            chosen["model"], config["experiments"][chosen["experiment"]]["models"], f"observations.{name}.checkpoint"
        )


def _is_nbody(config, split):
    return config["sources"][split["source"]]["kind"] == "nbody"


def _check_independence(where, splits):
    training = splits["train"]
    for name, split in splits.items():
        shared = set(training.get("boxes", [])) & set(split.get("boxes", []))
        if name != "train" and shared and training["source"] == split["source"]:
            raise ValueError(
                f"configuration, {where}: split {name} shares box {min(shared)} with train; boxes must differ"
            )


def _known(name, choices, where):
    if name not in choices:
        raise ValueError(f"configuration, {where}: {name!r} is unknown; expected one of {', '.join(choices)}")
