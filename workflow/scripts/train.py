"""Train one model: closed-form parts first, then gradient descent where there is any."""

from pathlib import Path

import torch

from lofi import checkpoint
from lofi.device import choose
from lofi.io import hdf5
from lofi.io.atomic import replacing
from lofi.models import build
from lofi.reconstructor import reconstruct_in_batches
from lofi.training import Recipe, fit
from simulations.observation import CHANNELS, lensing_observation
from simulations.seeds import seed, stream
from workflow.job import job

CALIBRATION = 512  # maps that spectra, curves and scales are fitted on


def train(*, maps, validation, folder, history, description, observation, depth, device, threads, name, code):
    device = choose(device, threads)
    record, kappa = hdf5.read(maps, "kappa")
    _, observed, truth = hdf5.read(validation, "observed", "truth")
    held_out = (torch.from_numpy(observed), torch.from_numpy(truth))
    nominal = lensing_observation(observation, record["pixel_arcmin"])
    varied = lensing_observation(observation, record["pixel_arcmin"], depth)

    def draw(number, objects):
        chosen = stream(*name, "objects", number).integers(len(kappa), size=objects)
        return tuple(map(torch.from_numpy, varied.observe_many(kappa, chosen, *name, "train", number)))

    state = Path(folder) / "training.resume"
    options = dict(description)
    recipe = options.pop("training", None)
    size = held_out[1].shape[-2:]
    torch.manual_seed(seed(*name, "weights") % 2**63)
    model = build(options, CHANNELS, size)
    chosen = range(0, len(kappa), max(1, len(kappa) // CALIBRATION))[:CALIBRATION]
    calibration = nominal.observe_many(kappa, chosen, *name, "calibration")
    model.calibrate(tuple(map(torch.from_numpy, calibration)), held_out)
    about = {
        "data": record,
        "observation": observation,
        "noise_std": nominal.noise_std,
        "depth": depth,
        "seed": list(name),
        "code": code,
    }
    if model.trainable:
        model.to(device)
        fingerprint = hdf5.fingerprint({"description": description, **about})

        def validate(averaged):
            estimate = reconstruct_in_batches(averaged, held_out[0], device)
            return (estimate - held_out[1]).square().mean((1, 2, 3)).sqrt().mean()

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
    else:
        with replacing(history) as path:
            path.write_text("step,loss,learning_rate,validation,seconds\n")
    checkpoint.save(folder, model.cpu(), options, CHANNELS, size, **about)
    state.unlink(missing_ok=True)


with job(snakemake):
    train(
        maps=snakemake.input.maps,
        validation=snakemake.input.validation,
        folder=snakemake.params.folder,
        history=snakemake.output.history,
        description=snakemake.params.description,
        observation=snakemake.params.observation,
        depth=snakemake.params.depth,
        device=snakemake.params.device,
        threads=snakemake.threads,
        name=snakemake.params.name,
        code=snakemake.params.code,
    )
