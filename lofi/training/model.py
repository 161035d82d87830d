"""Training one model from its description to its checkpoint: closed-form parts first, then gradient descent."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lofi import metrics
from lofi.io import checkpoint, hdf5
from lofi.io.atomic import replacing
from lofi.models.reconstructor import reconstruct_in_batches
from lofi.models.registry import build
from lofi.seeds import seed
from lofi.training import parallel
from lofi.training.examples import FixedNoise, FreshNoise, Pairs
from lofi.training.fit import fit
from lofi.training.recipe import Recipe, model_and_recipe

STATE = "training.resume"


def train_model(
    *,
    data: FreshNoise | FixedNoise,
    held_out: Pairs,
    description: Mapping,
    observation: Any,
    folder: str | Path,
    history: str | Path,
    device: torch.device,
    name: Sequence[str | int],
    about: Mapping,
    seen: Mapping,
    watched: Mapping[str, Pairs] | None = None,
    sky: Mapping | None = None,
) -> None:
    """Train a model and write its checkpoint to `folder`; an interrupted training of the same arguments goes on.

    Parameters
    ----------
    held_out : the pairs of validation. watched : {split: pairs} whose PSNR is logged at every validation.
    description : `class`, keywords of the model and, where it learns by descent, its `training`.
    observation : what made the pairs, `channels` and `outputs`.
    history : path of the CSV of `lofi.training.fit.fit`.
    name : words and whole numbers that the streams of weights and pixels begin with.
    about : what the checkpoint's record says besides; a training of another one does not go on.
    sky : the table of `lofi.solvers.sky_spectrum.SkySpectrum`, for a model that is told the sight of each image.
    seen : what else the history depends on, so that a training of another one does not go on.
    """
    state, watched = Path(folder) / STATE, watched or {}
    options, recipe = model_and_recipe(description, observation.outputs)
    size = held_out[1].shape[-2:]
    torch.manual_seed(seed(*name, "weights") % 2**63)
    model = build(options, observation.channels, size)
    if sky is not None and hasattr(model, "wiener"):
        model.wiener.sky.set(sky)
    model.calibrate(data.calibration(), held_out)
    if model.trainable:
        model.to(device)
        fingerprint = hdf5.fingerprint({"description": description, "history": seen, **about})

        def validate(averaged):
            estimate = reconstruct_in_batches(averaged, held_out[0], device)
            columns = {"validation": float(averaged.error(estimate, *held_out))}
            return columns | {f"psnr_{split}": _psnr(averaged, *pairs, device) for split, pairs in watched.items()}

        pixels = seed(*name, "pixels") % 2**32
        fit(model, Recipe.of(recipe), data.draw, validate, pixels, history, state=state, fingerprint=fingerprint)
    elif parallel.first():
        with replacing(history) as path:
            path.write_text("step,pixels,loss,learning_rate,validation,seconds\n")
    if parallel.first():
        checkpoint.save(folder, model.cpu(), options, observation.channels, size, **about)
        state.unlink(missing_ok=True)


def _psnr(model, observed, truth, device):
    """Mean over images of the PSNR, over all channels of an image, dB."""
    estimates = reconstruct_in_batches(model, observed, device).numpy()
    pairs = zip(estimates, truth.numpy(), strict=True)
    return float(np.mean([metrics.psnr(estimate, true, np.ones(true.shape, bool)) for estimate, true in pairs]))
