"""Building objects from descriptions: a name and the constructor's own keywords, checked against its signature."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any


def construct(
    choices: Mapping[str, Callable], description: Mapping, what: str, *arguments: Any, key: str = "kind"
) -> Any:
    """`choices[kind](*arguments, **rest)` for `{kind: …, …rest}`; ValueError, one sentence, if it does not fit."""
    if not isinstance(description, Mapping):
        raise ValueError(f"{what} is {description!r}; expected a mapping with {key} and its keywords")
    options = dict(description)
    kind = options.pop(key, None)
    if kind not in list(choices):
        raise ValueError(f"{what}: {key} is {kind!r}; expected one of {', '.join(choices)}")
    return call(choices[kind], options, f"{what} of {key} {kind}", *arguments)


def call(constructor: Callable, options: Mapping, what: str, *arguments: Any) -> Any:
    """`constructor(*arguments, **options)`, with unknown and missing keywords named before it is called."""
    if not isinstance(options, Mapping):
        raise ValueError(f"{what} is {options!r}; expected a mapping of keywords")
    parameters = list(inspect.signature(constructor).parameters.values())[len(arguments) :]
    known = [p.name for p in parameters]
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise ValueError(f"{what}: unknown argument {', '.join(unknown)}; expected {', '.join(known) or 'none'}")
    missing = [p.name for p in parameters if p.default is p.empty and p.name not in options]
    if missing:
        raise ValueError(f"{what}: missing argument {', '.join(missing)}")
    return constructor(*arguments, **options)


def given(function: Callable, options: Mapping) -> dict[str, Any]:
    """Those of `options` that are optional keywords of `function`."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name: options[p.name] for p in parameters if p.default is not p.empty and p.name in options}
