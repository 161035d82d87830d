"""The configuration: YAML files merged and checked before any job starts; `whole.Configuration` describes every key."""

import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from workflow.configuration.files import holder, load, merge
from workflow.configuration.observations import is_radio
from workflow.configuration.sentences import first_mistake
from workflow.configuration.setting import Mistake
from workflow.configuration.splits import evaluation_splits
from workflow.configuration.whole import Configuration

__all__ = ["assemble", "check_results_folder", "evaluation_splits", "is_radio", "load"]

NOUNS = (
    "experiments",
    "models",
    "observations",
    "methods",
    "inversions",
    "comparisons",
    "inpaintings",
    "probes",
    "downloads",
    "priors",
    "costs",
    "scoreboard",
    "cluster",
)


def assemble(overrides: dict, folder: Path | str = "config", files: Iterable[Path | str] = ()) -> dict:
    """The whole configuration: the files of nouns and cluster under `overrides` (config.yaml, overlays, command line).

    files : those that `overrides` were read from, in order; an error names the one that holds the key.
    Raises ValueError, one sentence, for an unreadable file, a key that is unknown, missing or twice in one mapping, a
    value out of range, an unknown name, or entries that do not fit each other.
    """
    nouns = [
        path
        for noun in NOUNS
        for path in sorted([*Path(folder, noun).glob("*.yaml"), *Path(folder).glob(f"{noun}.yaml")])
    ]
    contents = {_name(path, folder): load(path) for path in [*nouns, *map(Path, files)]}
    whole = {}
    for content in [*(contents[_name(path, folder)] for path in nouns), overrides]:
        merge(whole, content)
    try:
        Configuration.model_validate(whole).check()
    except ValidationError as error:
        mistake = first_mistake(error, whole)
    except Mistake as error:
        mistake = error
    else:
        return whole
    raise ValueError(f"{holder(mistake.key, whole, contents)}: {mistake}")


def _name(path: Path, folder: Path | str) -> str:
    """What an error calls a file: its path below the folder that holds `folder`, if it is there."""
    try:
        return str(path.resolve().relative_to(Path(folder).resolve().parent))
    except ValueError:
        return str(path)


def check_results_folder(folder: Path | str) -> None:
    """ValueError if the results cannot be written there."""
    existing = next(path for path in [Path(folder).absolute(), *Path(folder).absolute().parents] if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise ValueError(f"results cannot be written: {existing} is not a writable folder")
