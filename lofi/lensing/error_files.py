"""Error bars on disk, beside the prior whose errors they say: `errors.safetensors` and `errors.json`.

Those of the plane are named `errors`, those of the sphere after the Nside of the maps (`lofi.sphere.error_files`).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from lofi.io import tensors
from lofi.io.atomic import replacing
from lofi.lensing.error_bars import QUANTILES, ErrorBars
from lofi.priors.record import check_errors_of

NAME = "errors"  # of those of the plane
FORMAT = 1
KINDS = {"format": int, "prior": str, "weights": str, "width": int, "quantiles": list, "description": str}
WIDEST = 1024  # of a network, which a record may ask for


def files_of(folder: str | Path, name: str = NAME) -> tuple[Path, Path]:
    """Record and weights of the error bars of a name in a folder."""
    return Path(folder) / f"{name}.json", Path(folder) / f"{name}.safetensors"


def save_errors(
    folder: str | Path, bars: ErrorBars, width: int, prior: Mapping, name: str = NAME, **about: Any
) -> None:
    """Write error bars of the prior that has the record `prior`; `about` says what they were made of."""
    described, weights = files_of(folder, name)
    described.parent.mkdir(parents=True, exist_ok=True)
    tensors.write(weights, bars.state_dict())
    record = {"format": FORMAT, "prior": prior["weights"], "weights": tensors.digest(weights), "width": width}
    record |= {"quantiles": list(QUANTILES)} | about
    with replacing(described) as path:
        path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def load_errors(folder: str | Path, prior: Mapping, name: str = NAME) -> tuple[ErrorBars, dict] | None:
    """Error bars and their record; None where the prior in `folder`, whose record is `prior`, has none of this name.

    Raises ValueError, one sentence, where they are of another prior, damaged, or of another version.
    """
    described, weights = files_of(folder, name)
    if not described.is_file():
        return None
    record = _record(described)
    if record["format"] != FORMAT or record["quantiles"] != list(QUANTILES):
        raise ValueError(f"{described} is of another version of lofi; make the error bars again, or --no-errors")
    check_errors_of(described, record["prior"], prior, "map")
    if not weights.is_file():
        raise ValueError(f"{folder} has {described.name} and no {weights.name}; copy both, or map with --no-errors")
    _, state = tensors.read(weights)
    if tensors.digest(weights) != record["weights"]:
        raise ValueError(f"{weights} is not what {described.name} was written for; copy both of one prior")
    bars = ErrorBars(record["width"])
    shapes = ({key: value.shape for key, value in values.items()} for values in (bars.state_dict(), state))
    if next(shapes) != next(shapes) or not all(torch.isfinite(value).all() for value in state.values()):
        raise ValueError(f"{weights} holds no error bars of this version of lofi; make them again")
    bars.load_state_dict(state)
    return bars.eval(), record


def error_bars_of(
    folder: str | Path, prior: Mapping, wanted: bool | None, samples: int | None = None, name: str = NAME
) -> tuple[ErrorBars | None, list[str]]:
    """Error bars of the prior in `folder`, whose record is `prior`, and a note on them.

    wanted : the option `errors`; None: where the prior has them. samples : the option of this name, which needs them.
    name : of their files.

    Raises ValueError where they are wanted and not there.
    """
    if samples is not None and wanted is False:
        raise ValueError("--samples draws from the error bars, which --no-errors leaves out; give one of the two")
    if wanted is False:
        return None, []
    found = load_errors(folder, prior, name)
    if found is None:
        missing = f"the prior {Path(folder).resolve().name} has no error bars ({files_of(folder, name)[0].name})"
        if wanted or samples is not None:
            asks = "which --errors asks for" if samples is None else "from which --samples draws"
            raise ValueError(f"{missing}, {asks}; leave it out, or take a prior that has them")
        return None, [f"{missing}: the map has none"]
    bars, record = found
    return bars, [f"error bars: {record['description']}, weights {record['weights'][:16]} (SHA-256)"]


def _record(path):
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, Mapping):
        raise ValueError(f"{path} does not describe error bars: it is no JSON mapping")
    for key, kind in KINDS.items():
        if not isinstance(record.get(key), kind) or isinstance(record[key], bool):
            raise ValueError(f"{path} does not describe error bars: {key} is missing or not of type {kind.__name__}")
    if not 1 <= record["width"] <= WIDEST:
        raise ValueError(f"{path} does not describe error bars: width is {record['width']}; expected 1 to {WIDEST}")
    return record
