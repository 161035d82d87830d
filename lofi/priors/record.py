"""The record of a prior, `model.json`: read, with every entry that the commands use of its type. Loads no torch."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RECORD = "model.json"
FORMAT = 1  # of the record and of the names of the weights
WHOLE = ("model", "channels", "size", "weights")  # what every record says


def _number(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _positive(value):
    return _number(value) and value > 0


def _span(value):
    return isinstance(value, list) and len(value) == 2 and all(map(_positive, value)) and value[0] <= value[1]


def _sides(value):
    return isinstance(value, list) and len(value) == 2 and all(isinstance(n, int) and n > 0 for n in value)


def _words(value):
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _stream(value):
    return isinstance(value, list) and all(isinstance(part, str | int) for part in value)


MAPPING = "a mapping", lambda value: isinstance(value, Mapping)
TEXT = "text", lambda value: isinstance(value, str)
POSITIVE = "a positive number", _positive
SPAN = "two positive numbers, the lower first", _span
KINDS = {
    "channels": ("a list of names", _words),
    "size": ("two whole numbers, at least 1", _sides),
    "weights": TEXT,
    "seed": ("a list of words and whole numbers", _stream),
    "noise": SPAN,
    "noise_std": POSITIVE,
    "pixel_arcmin": POSITIVE,
    "ranges": MAPPING,
    **{f"ranges.{name}": SPAN for name in ("noise", "pixel_arcmin", "galaxy_density", "redshift")},
    "depth": MAPPING,
    "depth.relative_noise": SPAN,
    "observation": MAPPING,
    "observation.depth_variation": ("a number", _number),
    "data": MAPPING,
    "data.description": TEXT,
    "data.pixel_arcmin": POSITIVE,
    "data.redshift": POSITIVE,
    "data.spectrum": MAPPING,
}


def read_record(folder: str | Path) -> dict[str, Any]:
    """The record of the prior in `folder`.

    Raises ValueError, one sentence, where there is none, it is no JSON mapping, it is of another format, or an entry of
    `KINDS` that it has is of another type; what has to be there is for `check_record` to say.
    """
    path = Path(folder) / RECORD
    if not path.is_file():
        raise ValueError(f"{folder} is no trained model: it has no {RECORD}")
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not a model description: {_first_line(error)}") from None
    if not isinstance(record, Mapping):
        raise ValueError(f"{path} is not a model description: it is no mapping")
    written = record.get("format", FORMAT)  # ASSUME: a record that does not say its format is of the first
    if written != FORMAT:
        raise ValueError(
            f"{folder} is of format {written}; this version of lofi reads format {FORMAT}: update lofi, or train again"
        )
    for key, (expected, holds) in KINDS.items():
        found, value = _entry(record, key)
        if found and not holds(value):
            shown = json.dumps(value, ensure_ascii=False)
            shown = shown if len(shown) < 40 else f"{shown[:40]}…"
            raise ValueError(f"{path} is not a model description: {key} is {shown}; expected {expected}")
    return record


def check_record(folder: str | Path, record: Mapping, *keys: str) -> None:
    """ValueError unless the record of a checkpoint has all `keys`; `data.spectrum` is the key spectrum of data."""
    missing = [key for key in keys if not _entry(record, key)[0]]
    if missing:
        outer = [key if key.partition(".")[0] in record else key.partition(".")[0] for key in missing]
        missing = ", ".join(dict.fromkeys(outer))
        raise ValueError(f"{Path(folder) / RECORD} does not say its {missing}; it was not trained by this workflow")


def _entry(record, key):
    """Whether a record has a key, `outer` or `outer.inner`, and what it says there."""
    outer, _, inner = key.partition(".")
    found = record.get(outer) if inner else record
    name = inner or outer
    return (True, found[name]) if isinstance(found, Mapping) and name in found else (False, None)


def _first_line(error):
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error).splitlines()[0]


def check_errors_of(path: str | Path, weights: str, prior: Mapping, doing: str) -> None:
    """ValueError unless the error bars in `path`, made for `weights` (SHA-256), are of the prior with this record.

    doing : the command, map or image, that --no-errors goes with.
    """
    if weights != prior["weights"]:
        raise ValueError(
            f"{path} holds error bars of another prior (weights {str(weights)[:16]}, here {prior['weights'][:16]}); "
            f"make them again for this one, or {doing} with --no-errors"
        )
