"""Training a prior on images of one's own."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from lofi.device import choose
from lofi.io.fits import creator
from lofi.io.targets import check_room
from lofi.seeds import stream
from lofi.training.examples import FreshNoise
from lofi.training.model import train_model
from lofi.training.prior_folder import PriorFolder
from lofi.training.record import training_record

HELD_OUT = 10  # of so many independent inputs one is kept for validation


def held_out(count: int, name: Sequence[str | int]) -> list[int]:
    """Which of `count` inputs are kept for validation, ascending: one in `HELD_OUT`, at least one."""
    order = stream(*name, "split").permutation(count).tolist()
    return sorted(order[: max(1, count // HELD_OUT)])


def train_prior(
    folder: PriorFolder,
    *,
    examples: Callable[[], tuple[dict, np.ndarray, np.ndarray]],
    observe: Callable[[Mapping], Any],
    name: Sequence[str | int],
    threads: int,
    about: Mapping = MappingProxyType({}),
) -> str:
    """Train a prior in `folder` with the folder's recipe; what was interrupted goes on. Returns a sentence.

    Parameters
    ----------
    examples : makes a record, images (N, H, W) to train on and images to validate with; called before anything is
        written, and only if they are not there yet.
    observe : a depth → the observation of images; {} is the nominal one.
    name : words and whole numbers that random streams begin with.
    about : what the prior's record says besides, or instead.
    """
    finished = folder.finished()
    if not finished:
        if not folder.has_examples():
            check_room(folder.path, folder.recipe["images"] * folder.recipe["field"]["pixels"] ** 2 * 4)
            made = examples()
            folder.begin()
            folder.write_examples(*made)
        _train(folder, observe, about, name, threads)
    folder.remove_examples()
    return f"{folder.path} holds this prior already" if finished else f"{folder.path} holds the prior"


def _train(folder, observe, about, name, threads):
    recipe, nominal = folder.recipe, observe({})
    description, depth = recipe["model"], recipe["depth"]
    data, training, validation = folder.read_examples()
    record = training_record(recipe, description, depth, data=data, nominal=nominal, noise="fresh", name=name)
    train_model(
        data=FreshNoise(training, nominal, observe(depth), name),
        held_out=tuple(map(torch.from_numpy, nominal.observe_all(validation, *name, "validation"))),
        description=description,
        observation=nominal,
        folder=folder.path,
        history=folder.path / "history.csv",
        device=choose("auto", threads),
        name=name,
        about=record | about | {"software": creator()},
        seen={},
    )
