"""The JSON schema of the files of the configuration, for editors: `config/schema.json`."""

import json
from typing import Any

from workflow.configuration.whole import Configuration

LEFT_OUT = ("default", "discriminator", "required", "title")


def schema() -> dict[str, Any]:
    """The schema of one file. Each holds a part of the configuration: no key is required, and null removes a key."""
    return _of_a_part(Configuration.model_json_schema())


def text() -> str:
    """The schema as the file holds it: a line for each definition and each key of the top level."""
    top = {key: value for key, value in schema().items() if key not in ("$defs", "properties")}
    groups = [(name, schema()[name]) for name in ("properties", "$defs")]
    lines = [f'"{name}": {{\n{_lines(group)}\n}}' for name, group in groups]
    return "{\n" + ",\n".join([_lines(top), *lines]) + "\n}\n"


def _lines(mapping: dict[str, Any]) -> str:
    return ",\n".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in mapping.items())


def _of_a_part(node: dict[str, Any]) -> dict[str, Any]:
    part = {}
    for key, value in node.items():
        if key in ("$defs", "properties"):
            part[key] = {name: _of_a_part(child) for name, child in value.items()}
        elif key in ("oneOf", "anyOf"):  # without required keys, a mapping can be of more than one kind
            part["anyOf"] = [_of_a_part(child) for child in value]
        elif key == "const":
            part["enum"] = [value]
        elif key not in LEFT_OUT:
            part[key] = _of_a_part(value) if isinstance(value, dict) else value
    if "enum" in part:
        part["enum"] = [*part["enum"], None]
    if part.get("type", "null") != "null":
        part["type"] = [part["type"], "null"]
    return part
