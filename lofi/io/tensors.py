"""Named tensors in safetensors files: atomic, and every failure one sentence."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from lofi.io.atomic import replacing


def write(path: str | Path, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str] | None = None) -> None:
    """Write named tensors and `metadata`, words by words; OSError if the disk does not take them."""
    tensors = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    with replacing(path) as temporary:
        try:
            temporary.write_bytes(save(tensors, metadata))  # `save_file` would keep it from all but its owner
        except OSError as error:
            raise OSError(f"{path} cannot be written: {error}") from error


def read(path: str | Path) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    """The metadata, {} if there are none, and the tensors by name; ValueError if the file is damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            return file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def digest(path: Path) -> str:
    """SHA-256 of a file, as records say it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
