"""The configuration against its JSON schema: the first mistake, as one sentence."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parent / "schemas" / "config.schema.json"


def check_schema(config):
    """ValueError that names the key of the mistake nearest to the top level, and what was expected."""
    validator = Draft202012Validator(json.loads(SCHEMA.read_text()))
    errors = sorted(
        validator.iter_errors(config), key=lambda e: (len(e.absolute_path), list(map(str, e.absolute_path)))
    )
    if not errors:
        return
    error = _best_branch(errors[0])
    where = ".".join(map(str, error.absolute_path)) or "the top level"
    message = error.message
    if error.validator == "oneOf":
        message = f"found {_short(error.instance)}; expected {' or '.join(map(_expected, error.validator_value))}"
    if error.validator == "contains":
        message = f"found {', '.join(map(str, error.instance))}; expected {error.validator_value['const']} among them"
    known = error.schema.get("properties", {}) if error.validator == "additionalProperties" else {}
    hint = f"; expected {', '.join(known)}" if known else ""
    raise ValueError(f"configuration, {where}: {message}{hint}")


def _best_branch(error):
    """Of a value that fits no branch of `oneOf`, the mistake in the branch that it was meant for, if that is clear.

    It is meant for the branch with the most of its keys; among these, for the one with the fewest mistakes.
    """
    if error.validator != "oneOf" or not error.context:
        return error
    branches = {}
    for mistake in error.context:
        branches.setdefault(mistake.relative_schema_path[0], []).append(mistake)
    keys = set(error.instance) if isinstance(error.instance, dict) else set()

    def fit(number):
        return -len(keys & set(error.validator_value[number].get("properties", {}))), len(branches[number])

    best = min(branches, key=fit)
    if not keys or fit(best)[0] == 0 or sum(fit(number) == fit(best) for number in branches) > 1:
        return error
    return _best_branch(min(branches[best], key=lambda mistake: mistake.validator == "required"))


def _expected(branch):
    return f"the keys {', '.join(branch['required'])}" if "required" in branch else f"a {branch.get('type', 'value')}"


def _short(value):
    return f"the keys {', '.join(map(str, value))}" if isinstance(value, dict) and value else repr(value)[:60]


def known(name, choices, where):
    """ValueError, one sentence, if `name` is none of the choices."""
    if name not in choices:
        raise ValueError(f"configuration, {where}: {name!r} is unknown; expected one of {', '.join(choices)}")
