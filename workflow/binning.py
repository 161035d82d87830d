"""Observations whose catalogue is binned by a job for each of its files."""

from collections.abc import Mapping
from typing import Any

from workflow.configuration.observations import is_catalogue


def is_by_file(options: Mapping[str, Any]) -> bool:
    """Whether the entry of an observation is of a catalogue in several files, mapped as a whole."""
    return is_catalogue(options) and not isinstance(options["file"], str) and "zbins" not in options


def files_of_parts(config: Mapping[str, Any], observation: str) -> dict[str, Any]:
    """The plan, and the sums of each file, of an observation that is binned by file; nothing of others."""
    options, folder = config["observations"][observation], f"observations/{observation}"
    if not is_by_file(options):
        return {}
    numbers = range(len(options["file"]))
    return {"plan": f"{folder}/plan.json", "sums": [f"{folder}/sums/{number}.npz" for number in numbers]}
