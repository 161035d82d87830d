"""The state of an interrupted training run, so that the resumed run equals an uninterrupted one bit for bit."""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from lofi.io import tensors


def suspend(
    path: Path,
    fingerprint: str,
    progress: Mapping,
    model: nn.Module,
    averaged: nn.Module,
    optimiser: torch.optim.Optimizer,
) -> None:
    """Write weights, averaged weights, Adam's moments and `progress` (JSON) in one file."""
    state = {f"model.{k}": v for k, v in model.state_dict().items()}
    state |= {f"averaged.{k}": v for k, v in averaged.state_dict().items()}
    for index, moments in optimiser.state_dict()["state"].items():
        state |= {f"adam.{index}.{k}": torch.as_tensor(v) for k, v in moments.items()}
    tensors.write(path, state, {"fingerprint": fingerprint, "progress": json.dumps(progress)})


def saved(path: Path | None, fingerprint: str) -> tuple[dict, dict[str, torch.Tensor]] | None:
    """Progress and tensors that `suspend` wrote; None if there is nothing of this `fingerprint` to resume.

    A damaged file is set aside with a warning, so that a training nobody watches starts again.
    """
    if path is None or not path.exists():
        return None
    try:
        metadata, state = tensors.read(path)
        if metadata["fingerprint"] != fingerprint:
            return None
        return json.loads(metadata["progress"]), state
    except (ValueError, KeyError) as error:
        aside = path.replace(path.with_name(f"{path.name}.damaged"))
        warnings.warn(
            f"an interrupted training's state could not be read and is now {aside}; training starts again ({error})",
            stacklevel=2,
        )
        return None


def restore(
    state: Mapping[str, torch.Tensor], model: nn.Module, averaged: nn.Module, optimiser: torch.optim.Optimizer
) -> None:
    """Put the tensors of `saved` where they were."""
    model.load_state_dict(_part(state, "model."))
    averaged.load_state_dict(_part(state, "averaged."))
    moments = {}
    for key, value in _part(state, "adam.").items():
        index, name = key.split(".")
        moments.setdefault(int(index), {})[name] = value
    optimiser.load_state_dict(optimiser.state_dict() | {"state": moments})


def _part(state, prefix):
    return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
