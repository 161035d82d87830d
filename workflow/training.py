"""Training one model: closed-form parts first, then gradient descent where there is any."""

from pathlib import Path

import numpy as np
import torch

from lofi import metrics
from lofi.device import choose
from lofi.io import checkpoint, hdf5
from lofi.io.atomic import replacing
from lofi.io.stack import by_folder, read
from lofi.models.reconstructor import reconstruct_in_batches
from lofi.models.registry import build
from lofi.seeds import seed
from lofi.training import parallel
from lofi.training.fit import fit
from lofi.training.recipe import Recipe
from simulations.tasks import observation_of
from workflow.model_description import model_and_recipe
from workflow.training_data import FixedNoise, FreshNoise


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
    device = choose(device, threads)
    data = FixedNoise(training, name) if noise == "fixed" else FreshNoise(training, experiment, depth, name)
    held_out, watched = _pairs(validation), {split: _pairs(paths) for split, paths in by_folder(curves).items()}
    nominal = observation_of(experiment)
    state = Path(folder) / "training.resume"
    options, recipe = model_and_recipe(description, nominal)
    size = held_out[1].shape[-2:]
    torch.manual_seed(seed(*name, "weights") % 2**63)
    model = build(options, nominal.channels, size)
    model.calibrate(data.calibration(), held_out)
    about = {
        "data": data.record,
        "observation": experiment["observation"],
        **nominal.about,
        "noise_in_training": noise,
        "depth": depth,
        "seed": list(name),
        "code": code,
    }
    if model.trainable:
        model.to(device)
        seen = {path: hdf5.read(path)[0]["fingerprint"] for path in map(str, [*validation, *curves])}
        fingerprint = hdf5.fingerprint({"description": description, "history": seen, **about})

        def validate(averaged):
            estimate = reconstruct_in_batches(averaged, held_out[0], device)
            columns = {"validation": float(averaged.error(estimate, *held_out))}
            return columns | {f"psnr_{split}": _psnr(averaged, *pairs, device) for split, pairs in watched.items()}

        fit(
            model,
            Recipe.of(recipe),
            data.draw,
            validate,
            seed(*name, "pixels") % 2**32,
            history,
            state=state,
            fingerprint=fingerprint,
        )
    elif parallel.first():
        with replacing(history) as path:
            path.write_text("step,pixels,loss,learning_rate,validation,seconds\n")
    if parallel.first():
        checkpoint.save(folder, model.cpu(), options, nominal.channels, size, **about)
        state.unlink(missing_ok=True)


def _pairs(paths):
    """Observed channels and truths of shards, tensors."""
    return tuple(map(torch.from_numpy, read(paths, "observed", "truth")[1:]))


def _psnr(model, observed, truth, device):
    """Mean over images of the PSNR, over all channels of an image, dB."""
    estimates = reconstruct_in_batches(model, observed, device).numpy()
    pairs = zip(estimates, truth.numpy(), strict=True)
    return float(np.mean([metrics.psnr(estimate, true, np.ones(true.shape, bool)) for estimate, true in pairs]))
