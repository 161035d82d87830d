"""Training a prior on images of one's own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from lofi.device import choose
from lofi.io.fits import creator
from lofi.io.targets import check_room
from lofi.training.examples import FreshNoise
from lofi.training.model import train_model
from lofi.training.prior_folder import PriorFolder


def train_prior(
    folder: PriorFolder,
    *,
    examples: Callable[[], tuple[dict, np.ndarray, np.ndarray]],
    observe: Callable[[Mapping], Any],
    about: Mapping,
    name: Sequence[str | int],
    threads: int,
) -> str:
    """Train a prior in `folder` with the folder's recipe; what was interrupted goes on. Returns a sentence.

    Parameters
    ----------
    examples : makes a record, images (N, H, W) to train on and images to validate with; called before anything is
        written, and only if they are not there yet.
    observe : a depth → the observation of images; {} is the nominal one.
    about : what the prior's record says besides.
    name : words and whole numbers that random streams begin with.
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
    record, training, validation = folder.read_examples()
    train_model(
        data=FreshNoise(training, nominal, observe(recipe["depth"]), name),
        held_out=tuple(map(torch.from_numpy, nominal.observe_all(validation, *name, "validation"))),
        description=recipe["model"],
        observation=nominal,
        folder=folder.path,
        history=folder.path / "history.csv",
        device=choose("auto", threads),
        name=name,
        about={
            **about,
            "training": recipe["model"]["training"],
            "data": record,
            "observation": recipe["observation"],
            **nominal.about,
            "noise_in_training": "fresh",
            "depth": recipe["depth"],
            "field": recipe["field"],
            "seed": list(name),
            "software": creator(),
        },
        seen={},
    )
