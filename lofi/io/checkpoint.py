"""Trained models on disk: `model.safetensors` (numbers) and `model.json` (what they are); nothing is executed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_parameter_registration_hook as on_parameter

from lofi.io import tensors
from lofi.io.atomic import replacing
from lofi.models.denoiser import CHANNELS, Denoiser
from lofi.models.registry import MODELS, build
from lofi.priors.record import FORMAT, WHOLE, check_record, read_record

UNBUILT = (ValueError, TypeError, RuntimeError, AttributeError, LookupError, ArithmeticError, MemoryError)
FEW, BYTES = 1000, 50  # tensors that are made in no time; bytes of one in a file, at least: its entry in the header


def save(
    folder: str | Path,
    model: nn.Module,
    description: Mapping,
    channels: Sequence[str],
    size: Sequence[int],
    **about: Any,
) -> None:
    """Write a checkpoint: the model's state, its description, the channels and size it was trained on, its number of
    parameters, and `about`.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors.write(folder / "model.safetensors", model.state_dict())
    record = {"format": FORMAT, "model": description, "channels": list(channels), "size": list(size)}
    record["parameters"] = sum(parameter.numel() for parameter in model.parameters())
    record |= about | {"weights": tensors.digest(folder / "model.safetensors")}
    with replacing(folder / "model.json") as path:
        path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def load(folder: str | Path, channels: Sequence[str] | None = None) -> tuple[nn.Module, dict]:
    """The model of a checkpoint folder, in evaluation mode, and its record.

    Raises ValueError (missing or damaged files, weights of another architecture, other `channels` than it was trained
    on), each as one sentence.
    """
    folder = Path(folder)
    record = read_record(folder)
    if not (folder / "model.safetensors").is_file():
        raise ValueError(f"{folder} is no trained model: it has no model.safetensors")
    missing = [key for key in WHOLE if key not in record]
    if missing:
        raise ValueError(
            f"{folder / 'model.json'} is not a model description: it has no {', '.join(missing)}, or is of an earlier "
            "version; train again"
        )
    # Shapes alone, and no more than fit: a description cannot ask for more memory or time than the weights have.
    with torch.device("meta"), _at_most(FEW + (folder / "model.safetensors").stat().st_size // BYTES):
        expected = {key: tuple(value.shape) for key, value in _built(folder, record).state_dict().items()}
    if channels is not None and list(channels) != record["channels"]:
        raise ValueError(
            f"{folder} was trained on the {len(record['channels'])} channels {', '.join(record['channels'])}, "
            f"but the observation has {', '.join(channels)}"
        )
    _, state = tensors.read(folder / "model.safetensors")
    stored = {key: tuple(value.shape) for key, value in state.items()}
    differing = sorted(key for key in expected.keys() | stored.keys() if expected.get(key) != stored.get(key))
    if differing:
        raise ValueError(
            f"{folder / 'model.safetensors'} holds another architecture than model.json describes: "
            f"{differing[0]} is {stored.get(differing[0])}, expected {expected.get(differing[0])}"
        )
    broken = [key for key, value in state.items() if not torch.isfinite(value).all()]
    if broken:
        raise ValueError(f"{folder / 'model.safetensors'} is damaged: {broken[0]} contains NaN or inf")
    if tensors.digest(folder / "model.safetensors") != record["weights"]:
        raise ValueError(
            f"{folder}: model.safetensors holds other weights than those that model.json was written for; "
            "train again or copy both files of one checkpoint"
        )
    model = _built(folder, record)
    model.load_state_dict(state)
    return model.eval(), record


@contextmanager
def _at_most(parameters: int) -> Iterator[None]:
    """ValueError from a construction as soon as it has made more parameters than this."""
    made = count(1)

    def judge(module, name, parameter):
        if next(made) > parameters:
            raise ValueError("it has many more layers than model.safetensors can hold")

    hook = on_parameter(judge)
    try:
        yield
    finally:
        hook.remove()


def _built(folder, record):
    try:
        return build(record["model"], record["channels"], record["size"])
    except UNBUILT as error:
        raise ValueError(f"{folder / 'model.json'} is not a model description: {error}") from error


def load_denoiser(folder: str | Path) -> tuple[Denoiser, dict]:
    """Denoiser, the prior of ADMM, and record of a checkpoint; ValueError where it holds another model."""
    model, record = load(folder)
    name = record["model"]["class"]
    if tuple(record["channels"]) != CHANNELS:
        raise ValueError(
            f"{folder}, a model {name}, was trained on the channels {', '.join(record['channels'])}; "
            f"imaging needs a denoiser that reads the noise level ({', '.join(CHANNELS)}), such as lofi_denoiser"
        )
    if not isinstance(model, Denoiser):
        priors = [key for key, model_class in MODELS.items() if issubclass(model_class, Denoiser)]
        raise ValueError(f"{folder}, a model {name}, cannot be used as a prior; expected one of {', '.join(priors)}")
    check_record(folder, record, "data.description", "noise", "seed")
    return model, record
