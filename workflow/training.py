"""Training one model: closed-form parts first, then gradient descent where there is any."""

from pathlib import Path

import torch

from lofi import checkpoint, parallel
from lofi.device import choose
from lofi.io import hdf5
from lofi.io.atomic import replacing
from lofi.io.stack import Stack, read
from lofi.models import build
from lofi.reconstructor import reconstruct_in_batches
from lofi.training import Recipe, fit
from simulations.seeds import seed, stream
from simulations.tasks import observation_of

CALIBRATION = 512  # images that spectra, curves and scales are fitted on


def train(*, maps, validation, folder, history, description, experiment, depth, device, threads, name, code):
    device = choose(device, threads)
    images = Stack(maps, "images")
    _, observed, truth = read(validation, "observed", "truth")
    held_out = (torch.from_numpy(observed), torch.from_numpy(truth))
    nominal, varied = observation_of(experiment), observation_of(experiment, depth)

    def draw(number, objects, share):
        chosen = stream(*name, "objects", number).integers(len(images), size=objects)[share]
        places = range(objects)[share]
        return tuple(map(torch.from_numpy, varied.observe_many(images, chosen, *name, "train", number, places=places)))

    state = Path(folder) / "training.resume"
    options = dict(description)
    recipe = options.pop("training", None)
    size = held_out[1].shape[-2:]
    torch.manual_seed(seed(*name, "weights") % 2**63)
    model = build(options, nominal.channels, size)
    chosen = range(0, len(images), max(1, len(images) // CALIBRATION))[:CALIBRATION]
    calibration = nominal.observe_many(images, chosen, *name, "calibration")
    model.calibrate(tuple(map(torch.from_numpy, calibration)), held_out)
    about = {
        "data": images.record,
        "observation": experiment["observation"],
        **nominal.about,
        "depth": depth,
        "seed": list(name),
        "code": code,
    }
    if model.trainable:
        model.to(device)
        fingerprint = hdf5.fingerprint({"description": description, **about})

        def validate(averaged):
            return averaged.error(reconstruct_in_batches(averaged, held_out[0], device), *held_out)

        fit(
            model,
            Recipe.of(recipe),
            draw,
            validate,
            seed(*name, "pixels") % 2**32,
            history,
            state=state,
            fingerprint=fingerprint,
        )
    elif parallel.first():
        with replacing(history) as path:
            path.write_text("step,loss,learning_rate,validation,seconds\n")
    if parallel.first():
        checkpoint.save(folder, model.cpu(), options, nominal.channels, size, **about)
        state.unlink(missing_ok=True)
