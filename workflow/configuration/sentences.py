"""What pydantic finds, as one mistake: a dotted key and a predicate."""

from typing import Any

from pydantic import ValidationError

from workflow.configuration.setting import Mistake

TYPES = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "finite_number": "a finite number",
}
LIMITS = {
    "greater_than": "a number above {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "string_pattern_mismatch": "text that matches {pattern}",
    "string_too_short": "text that is not empty",
}


def first_mistake(error: ValidationError, whole: dict) -> Mistake:
    """The mistake nearest to the top level; an unknown key comes before a missing one, which it may explain."""
    found = [(*_key(item["loc"], whole, item["type"]), item) for item in error.errors(include_url=False)]
    key, _, item = min(found, key=lambda entry: (len(entry[1]), entry[2]["type"] == "missing"))
    kind, context, value = item["type"], item.get("ctx", {}), item["input"]
    if kind == "missing":
        return Mistake(key, "is missing")
    if kind == "union_tag_not_found":
        return Mistake(f"{key}.{_discriminator(context)}", "is missing" if isinstance(value, dict) else "is no mapping")
    if kind == "union_tag_invalid":
        name, expected = _discriminator(context), context["expected_tags"].replace("'", "")
        return Mistake(f"{key}.{name}", f"is {_short(value[name])}; expected one of {expected}")
    if kind == "value_error" and isinstance(context["error"], Mistake):
        return Mistake(f"{key}.{context['error'].key}".lstrip("."), context["error"].predicate)
    if kind == "value_error":
        return Mistake(key, str(context["error"]))
    if kind in ("too_short", "too_long"):
        limit = context.get("min_length", context.get("max_length"))
        bound = "at least" if kind == "too_short" else "at most"
        return Mistake(key, f"has {context['actual_length']} entries; expected {bound} {limit}")
    expected = TYPES.get(kind) or LIMITS.get(kind, "another value").format(**context).replace("'", "")
    return Mistake(key or "the top level", f"is {_short(value)}; expected {expected}")


def _discriminator(context: dict[str, Any]) -> str:
    return context["discriminator"].strip("'").removesuffix("()")


def _short(value: Any) -> str:
    """A value in few words."""
    if isinstance(value, dict):
        return f"a mapping with the keys {', '.join(map(str, value))}" if value else "an empty mapping"
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _key(place: tuple[str | int, ...], whole: Any, kind: str) -> tuple[str, list[str]]:
    """The dotted key of a place of pydantic, and its parts: without the names of kinds that decide about a mapping."""
    parts = []
    for position, part in enumerate(place):
        if (isinstance(whole, dict) and part in whole) or (isinstance(whole, list) and isinstance(part, int)):
            whole = whole[part]
        elif kind != "missing" or position < len(place) - 1:
            continue
        parts.append(str(part))
    return ".".join(parts), parts
