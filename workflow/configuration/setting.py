"""The base of all settings: strict types, no unknown keys, and what the reference page says of a key."""

import difflib
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class Mistake(ValueError):
    """A mistake in the configuration: the dotted key, and a predicate such as `is unknown; expected one of a, b`."""

    def __init__(self, key: str, predicate: str):
        super().__init__(f"{key} {predicate}")
        self.key, self.predicate = key, predicate


class Setting(BaseModel):
    """A mapping of the configuration; the base of all models in this package."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        protected_namespaces=(),
        defer_build=True,  # each model is built once, as a part of the whole: half the time of a start
    )

    @model_validator(mode="before")
    @classmethod
    def _keys_are_known(cls, mapping: Any) -> Any:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        if isinstance(mapping, dict) and cls.model_config["extra"] == "forbid":
            for key in mapping:
                if key not in known:
                    raise Mistake(str(key), unknown(key, known))
        return mapping


def setting(meaning: str, *, default: Any = ..., unit: str = "", example: Any = None, **limits: Any) -> Any:
    """A field with what the reference page says of it; without a `default` the key is required."""
    extra = {"unit": unit} if unit else None
    examples = None if example is None else [example]
    return Field(default, description=meaning, examples=examples, json_schema_extra=extra, **limits)


def unknown(name: Any, choices: Iterable[str]) -> str:
    """The predicate of an unknown name: with the nearest of the choices, else with all of them."""
    choices = list(map(str, choices))
    near = difflib.get_close_matches(str(name), choices, 1)
    return f"is unknown; did you mean {near[0]}?" if near else f"is unknown; expected one of {', '.join(choices)}"


def check_known(name: str, choices: Iterable[str], key: str) -> None:
    """Raise Mistake if the value `name` of `key` is none of the choices."""
    choices = list(choices)
    if name not in choices:
        near = difflib.get_close_matches(str(name), choices, 1)
        hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(choices) or 'none'}"
        raise Mistake(key, f"names {name!r}, which is unknown; {hint}")


def _distinct(entries: list) -> list:
    if len(set(entries)) < len(entries):
        twice = next(entry for entry in entries if entries.count(entry) > 1)
        raise ValueError(f"has {twice!r} twice; expected each entry once")
    return entries


def _not_empty(mapping: dict) -> dict:
    if not mapping:
        raise ValueError("is empty; expected at least one entry")
    return mapping


Whole = Any  # a `whole.Configuration`; its module imports those that check an entry against it
Name = Annotated[str, Field(min_length=1)]
Names = Annotated[list[str], Field(min_length=1), AfterValidator(_distinct)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Number = Annotated[int, Field(ge=0)]
Jobs = Annotated[int, Field(ge=1, le=9999)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Pair = Annotated[list[float], Field(min_length=2, max_length=2)]
Range = Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=2, max_length=2)]
Numbers = Annotated[list[Number], Field(min_length=2, max_length=2)]  # the first and the last
Pictures = Annotated[dict[str, Numbers], AfterValidator(_not_empty)]
Distinct = AfterValidator(_distinct)
NotEmpty = AfterValidator(_not_empty)
