"""Priors by name, of this package, or by folder; nothing here loads torch."""

import difflib
import json
import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

SHIPPED = Path(str(files("lofi.priors")))  # ASSUME: the package is installed as files, which torch needs anyway
WEIGHTS, RECORD, CARD = FILES = ("model.safetensors", "model.json", "card.md")
DEFAULT = {"lensing": "convergence", "denoising": "radio"}  # of a task


def names() -> list[str]:
    """Names of the priors that ship."""
    return sorted(path.parent.name for path in SHIPPED.glob(f"*/{RECORD}"))


def find(prior: str | Path | None, task: str) -> Path:
    """The folder of a prior: of this name among those that ship, else this folder; None: the one that ships for `task`.

    Raises ValueError, one sentence, where there is none. No file is opened.
    """
    if prior is None and task not in DEFAULT:
        raise ValueError(f"no prior for the {task} ships; give the folder of a trained model as --prior")
    prior = DEFAULT[task] if prior is None else str(prior)
    if prior in names():
        return SHIPPED / prior
    folder = Path(prior)
    if folder.is_dir():
        return folder
    if folder.exists():
        raise ValueError(
            f"--prior {prior} is a file; expected the folder of {RECORD} and {WEIGHTS} (pickles are never opened)"
        )
    if os.sep in prior:
        raise ValueError(f"--prior {prior} does not exist; expected a folder, or a name: {', '.join(names())}")
    near = difflib.get_close_matches(prior, names(), 1)
    hint = f"did you mean {near[0]}" if near else f"expected one of {', '.join(names())}, or a folder"
    raise ValueError(f"--prior {prior} is unknown: {hint}? `lofi priors` lists all")


def read_record(folder: Path) -> dict:
    """The record of a prior that ships."""
    return json.loads((folder / RECORD).read_text(encoding="utf-8"))


def note(folder: Path, record: Mapping) -> str:
    """Which prior made a map or an image; `record`: as `lofi.io.checkpoint.load` returns it."""
    return f"prior {folder.name}, {record['model']['class']}, weights {record['weights'][:16]} (SHA-256)"
