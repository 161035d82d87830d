"""The training of one model on the files of a run."""

import torch

from lofi.data.sights import each_sight
from lofi.device import choose
from lofi.io import hdf5
from lofi.io.stack import EACH, Stack, by_folder, read
from lofi.training.examples import FixedNoise, FreshNoise
from lofi.training.model import train_model
from lofi.training.record import training_record
from simulations.tasks import observation_of


def train(
    *,
    training,
    validation,
    curves,
    folder,
    history,
    description,
    experiment,
    noise,
    depth,
    device,
    threads,
    name,
    code,
):
    """Train a model and write its checkpoint to `folder`.

    training : shards of maps if `noise` is fresh in every step, of pairs if it is fixed. curves : shards of the splits
    whose PSNR is logged whenever the model is validated.
    """
    device, nominal = choose(device, threads), observation_of(experiment)
    stack = Stack(training, "observed" if noise == "fixed" else "images")
    if noise == "fixed":
        data = FixedNoise(stack, Stack(training, "truth"), name)
    else:
        data = FreshNoise(stack, nominal, observation_of(experiment, depth), name, each_sight(stack.record))
    record = {key: value for key, value in stack.record.items() if key not in (*EACH, "sky")}
    about = training_record(experiment, description, depth, data=record, nominal=nominal, noise=noise, name=name)
    train_model(
        data=data,
        held_out=_pairs(validation),
        sky=stack.record.get("sky"),
        watched={split: _pairs(paths) for split, paths in by_folder(curves).items()},
        description=description,
        observation=nominal,
        folder=folder,
        history=history,
        device=device,
        name=name,
        about=about | {"code": code},
        seen={path: hdf5.read(path)[0]["fingerprint"] for path in map(str, [*validation, *curves])},
    )


def _pairs(paths):
    """Observed channels and truths of shards, tensors."""
    return tuple(map(torch.from_numpy, read(paths, "observed", "truth")[1:]))
