"""The state of an interrupted training run, so that the resumed run equals an uninterrupted one bit for bit."""

import json

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from lofi.io.atomic import replacing


def suspend(path, fingerprint, progress, model, averaged, optimiser):
    """Write weights, averaged weights, Adam's moments and `progress` (JSON) in one file."""
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    tensors |= {f"averaged.{k}": v for k, v in averaged.state_dict().items()}
    for index, moments in optimiser.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{k}": torch.as_tensor(v) for k, v in moments.items()}
    tensors = {k: v.detach().contiguous() for k, v in tensors.items()}
    with replacing(path) as temporary:
        save_file(tensors, temporary, {"fingerprint": fingerprint, "progress": json.dumps(progress)})


def resume(path, fingerprint, model, averaged, optimiser):
    """Load what `suspend` wrote and return its progress; None if there is nothing of this `fingerprint` to resume."""
    if path is None or not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{path}, the state of an interrupted training, is damaged; remove it ({error})") from error
    if metadata["fingerprint"] != fingerprint:
        return None
    model.load_state_dict(_part(tensors, "model."))
    averaged.load_state_dict(_part(tensors, "averaged."))
    moments = {}
    for key, value in _part(tensors, "adam.").items():
        index, name = key.split(".")
        moments.setdefault(int(index), {})[name] = value
    optimiser.load_state_dict(optimiser.state_dict() | {"state": moments})
    return json.loads(metadata["progress"])


def _part(tensors, prefix):
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
