"""Priors by name, of this package, or by folder; nothing here loads torch."""

import difflib
import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from lofi.messages import say_notes
from lofi.priors.record import RECORD, read_record

SHIPPED = Path(str(files("lofi.priors")))  # ASSUME: the package is installed as files, which torch needs anyway
WEIGHTS, CARD = "model.safetensors", "card.md"
FILES = (WEIGHTS, RECORD, CARD)
DEFAULT = {"lensing": "convergence", "sphere": "convergence", "denoising": "radio"}  # of a task
SERVES = {
    "lensing": "catalogues and maps on a plane",
    "sphere": "HEALPix maps and --nside",
    "denoising": "visibilities",
}


def names() -> list[str]:
    """Names of the priors that ship."""
    return sorted(path.parent.name for path in SHIPPED.glob(f"*/{RECORD}"))


def find(prior: str | Path | None, task: str) -> Path:
    """The folder of a prior: of this name among those that ship, else this folder; None: the one that ships for `task`.

    Warns where a folder here has the name of one that ships: it is not taken.

    Raises ValueError, one sentence, where there is none, and where its record says that it has another task.
    """
    if prior is None and task not in DEFAULT:
        raise ValueError(
            f"no prior for {SERVES[task]} comes with this version; train one and give its folder as --prior"
        )
    if prior == "":
        raise ValueError(f"--prior is empty; expected one of {', '.join(names())}, or a folder")
    if prior in names() and Path(prior).is_dir():
        say_notes([f"--prior {prior} is the one that ships, not the folder here; write {spelled(prior)}"], "warning")
    prior = DEFAULT[task] if prior is None else str(prior)
    folder = SHIPPED / prior if prior in names() else Path(prior)
    if not folder.is_dir():
        raise ValueError(_refusal(prior))
    record = read_record(folder)
    trained = record.get("task", task)
    if trained != task and (trained, task, "redshift" in record.get("channels", ())) != ("lensing", "sphere", True):
        found, example = SERVES.get(str(trained), trained), f" such as {DEFAULT[task]}" if task in DEFAULT else ""
        raise ValueError(f"--prior {prior} was trained for {found}; expected one for {SERVES[task]}{example}")
    return folder


def spelled(folder: str | Path) -> str:
    """A folder as `--prior` takes it for no name: `./radio`."""
    return str(folder) if os.sep in str(folder) else f"{os.curdir}{os.sep}{folder}"


def note(folder: Path, record: Mapping) -> str:
    """Which prior made a map or an image; `record`: as `lofi.io.checkpoint.load` returns it."""
    folder = folder.resolve()
    origin = " of this package" if folder.parent == SHIPPED.resolve() else ""
    return f"prior {folder.name}{origin}, {record['model']['class']}, weights {record['weights'][:16]} (SHA-256)"


def _refusal(prior):
    """Why neither a name nor a folder was meant."""
    if Path(prior).exists():
        return f"--prior {prior} is a file; expected a folder of {RECORD} and {WEIGHTS} (pickles are never opened)"
    if os.sep in prior:
        return f"--prior {prior} does not exist; expected a folder, or one of {', '.join(names())}"
    near = difflib.get_close_matches(prior, names(), 1)
    hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(names())}, or a folder"
    return f"--prior {prior} is unknown; {hint}"
