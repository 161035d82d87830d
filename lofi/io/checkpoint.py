"""Trained models on disk: `model.safetensors` (numbers) and `model.json` (what they are); nothing is executed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lofi.io import tensors
from lofi.io.atomic import replacing
from lofi.models.denoiser import CHANNELS, Denoiser
from lofi.models.registry import MODELS, build

FORMAT = 1  # of the record and of the names of the weights


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
    record |= about | {"weights": _hash(folder / "model.safetensors")}
    with replacing(folder / "model.json") as path:
        path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _hash(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load(folder: str | Path, channels: Sequence[str] | None = None) -> tuple[nn.Module, dict]:
    """The model of a checkpoint folder, in evaluation mode, and its record.

    Raises ValueError (missing or damaged files, weights of another architecture, other `channels` than it was trained
    on), each as one sentence.
    """
    folder = Path(folder)
    for name in ("model.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise ValueError(f"{folder} is no trained model: it has no {name}")
    try:
        record = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        missing = [key for key in ("model", "channels", "size", "weights") if key not in record]
        if missing:
            raise ValueError(f"it has no {', '.join(missing)}, or is of an earlier version; train again")
        written = record.get("format", FORMAT)  # ASSUME: a record that does not say its format is of the first
        model = build(record["model"], record["channels"], record["size"]) if written == FORMAT else None
    except (ValueError, TypeError, RuntimeError) as error:
        raise ValueError(f"{folder / 'model.json'} is not a model description: {error}") from error
    if model is None:
        raise ValueError(
            f"{folder} is of format {written}; this version of lofi reads format {FORMAT}: update lofi, or train again"
        )
    if channels is not None and list(channels) != record["channels"]:
        raise ValueError(
            f"{folder} was trained on the {len(record['channels'])} channels {', '.join(record['channels'])}, "
            f"but the observation has {', '.join(channels)}"
        )
    _, state = tensors.read(folder / "model.safetensors")
    expected = {key: tuple(value.shape) for key, value in model.state_dict().items()}
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
    if _hash(folder / "model.safetensors") != record["weights"]:
        raise ValueError(
            f"{folder}: model.safetensors holds other weights than those that model.json was written for; "
            "train again or copy both files of one checkpoint"
        )
    model.load_state_dict(state)
    return model.eval(), record


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


def check_record(folder: str | Path, record: Mapping, *keys: str) -> None:
    """ValueError unless the record of a checkpoint has all `keys`; `data.spectrum` is the key spectrum of data."""
    missing = []
    for key in keys:
        outer, _, inner = key.partition(".")
        if outer not in record or (inner and inner not in record[outer]):
            missing.append(key if outer in record else outer)
    if missing:
        missing = ", ".join(dict.fromkeys(missing))
        raise ValueError(f"{folder}/model.json does not say its {missing}; it was not trained by this workflow")
