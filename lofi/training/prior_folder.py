"""A folder in which a prior is trained: what was asked for, the examples, the state, and in the end the prior.

=====================  =====================================================================
`request.json`         what the training depends on; a command that asks for something else
                       is refused
`examples.h5`          images to train on and to validate with; until the prior is there
`training.resume`      the state of the training; until the prior is there
`history.csv`          loss and error of validation
`model.safetensors`    the weights of the prior
`model.json`           its record, written last
=====================  =====================================================================
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lofi.io import hdf5
from lofi.io.atomic import replacing
from lofi.io.targets import check_targets

REQUEST, EXAMPLES, RECORD = "request.json", "examples.h5", "model.json"


@dataclass(frozen=True)
class PriorFolder:
    """The folder `path` of a training.

    options : of the command, {name: value}. inputs : {file: hash}. recipe : as of `lofi.priors.recipe.shipped_recipe`.
    """

    path: Path
    options: Mapping[str, Any]
    inputs: Mapping[str, str]
    recipe: Mapping[str, Any]

    def finished(self) -> bool:
        """Whether the prior is there; ValueError or OSError, one sentence, if it cannot be trained in this folder."""
        if self.path.exists() and not self.path.is_dir():
            raise ValueError(f"--output {self.path} is a file; expected a folder, which need not exist")
        check_targets([], [self.path / REQUEST])
        if not self.path.is_dir() or not any(self.path.iterdir()):
            return False
        try:
            begun = json.loads((self.path / REQUEST).read_text(encoding="utf-8"))
            difference = _difference(begun, self._request())
        except FileNotFoundError:
            raise ValueError(f"--output {self.path} holds other files; give a folder that is empty or new") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(f"{self.path / REQUEST} is damaged; give another folder as --output") from None
        if difference:
            raise ValueError(
                f"--output {self.path} was begun with {difference}; repeat that, or give another folder as --output"
            )
        return (self.path / RECORD).exists()

    def begin(self) -> None:
        """Write what was asked for: from now on the folder belongs to this training."""
        with replacing(self.path / REQUEST) as path:
            path.write_text(json.dumps(self._request(), indent=2) + "\n", encoding="utf-8")

    def has_examples(self) -> bool:
        """Whether the examples are there, so that what they were made from need not be read again."""
        return (self.path / EXAMPLES).exists()

    def write_examples(self, record: Mapping, training: np.ndarray, validation: np.ndarray) -> None:
        """Keep images (N, H, W) to train on and to validate with, and a record of what they are."""
        hdf5.write(self.path / EXAMPLES, record, training=training, validation=validation)

    def read_examples(self) -> tuple[dict, np.ndarray, np.ndarray]:
        """What `write_examples` wrote."""
        return hdf5.read(self.path / EXAMPLES, "training", "validation")

    def remove_examples(self) -> None:
        """The prior is there and needs them no more."""
        (self.path / EXAMPLES).unlink(missing_ok=True)

    def _request(self):
        """As it is read back from JSON."""
        whole = {"options": self.options, "inputs": self.inputs, "recipe": self.recipe}
        return json.loads(json.dumps(whole))


def _difference(begun, asked):
    """The first difference of two requests, in words; None if there is none."""
    for name, value in asked["options"].items():
        before = begun["options"].get(name)
        if before != value:
            return f"{_option(name, before)}, not {_option(name, value)}"
    before, now = begun["inputs"], asked["inputs"]
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            what = "is new" if name not in before else "is missing" if name not in now else "has changed"
            return f"other files ({name} {what})"
    return "the recipe of another version of lofi" if begun != asked else None


def _option(name, value):
    name = f"--{name.replace('_', '-')}"
    return f"no {name}" if value is None else f"{name} {value}"


def hashes(files: Iterable[Path], folder: str | Path) -> dict[str, str]:
    """{name within `folder`, or of the one file: SHA-256}."""
    folder, found = Path(folder), {}
    for path in files:
        with path.open("rb") as file:
            name = path.name if path == folder else path.relative_to(folder).as_posix()
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found
