"""Networks on a GPU: do their outputs agree with a processor's, and what does their training cost (paper Table II)?"""

import torch
from gpu_device import difference, measured, products, seconds_on
from measure import CHANNELS, COMPACT, FILTERED, PAPER, observations
from training_step import stepper

from lofi.io.checkpoint import load_denoiser
from lofi.models.registry import build
from lofi.priors.shipped import find

BOUND = 1e-4  # of differences of outputs
STEP_LIMIT = 20  # seconds expected of all steps of a network at a size
TRAINING_IMAGES = 30000  # of an epoch
PLAIN, ADDING = (
    {"inputs": {"channels": ["kappa_e", "kappa_b"], "residual": residual}, "loss": "l1"}
    for residual in ("none", "observed")
)
CONTROLS = {  # config/models/paper_controls.yaml
    "unet": PLAIN | {"class": "unet", "features": 32, "levels": 4, "padding": "zeros"},
    "drunet": PLAIN | {"class": "drunet", "features": 32, "levels": 3, "blocks": 4},
    "dncnn": ADDING | {"class": "dncnn", "features": 160, "layers": 15},
    "ircnn": ADDING | {"class": "ircnn", "features": 256},
}
FIELDS = {"lofi": PAPER, "lofi+filter": FILTERED}
FIELD_STEPS = 2  # optimiser steps of a field on each batch (config/paper.yaml)


def model_of(description, size, channels=CHANNELS):
    """A model with its scales set, its last layer not 0."""
    torch.manual_seed(0)
    model = build(description, channels, (size, size))
    model.calibrate(observations(size, 2), None)
    [m for m in model.modules() if isinstance(m, torch.nn.Linear | torch.nn.Conv2d)][-1].reset_parameters()
    return model.eval()


def agreement(device, size):
    """Differences of outputs between the processor and the device, products in float32 and in TF32."""
    observed, _ = observations(size, 2)
    image, sigma = observed[:, 0], torch.full((2,), 0.03)
    results = {
        name: _both(device, model_of(description, size), lambda model, on: model.reconstruct(observed.to(on)))
        for name, description in ({"compact": COMPACT} | FIELDS | CONTROLS).items()
    }
    denoiser, _ = load_denoiser(find(None, "denoising"))
    results["shipped denoiser"] = _both(device, denoiser, lambda model, on: model.denoise(image.to(on), sigma.to(on)))
    worst = {mode: max(row[mode] for row in results.values()) for mode in ("float32", "tf32")}
    within = {mode: value <= BOUND for mode, value in worst.items()}
    return {"difference": results, "worst": worst, f"within {BOUND:g}": within}


def _both(device, model, call):
    expected, row = call(model, torch.device("cpu")), {}
    model.to(device)
    for mode in ("float32", "tf32"):
        with products(mode == "tf32"):
            row[mode] = difference(call(model, device), expected)
    return row


def training(device, sizes, objects, steps, pixels=512):
    """Seconds of a step and of an epoch's steps, and peak memory, on `objects` images; each size is twice the last."""
    result = {}
    for name, description in (FIELDS | CONTROLS).items():
        field = name in FIELDS
        if field:
            description = description | {"pixels": pixels}
        row = result[name] = {"parameters": sum(p.numel() for p in model_of(description, sizes[0]).parameters())}
        expected = 0.0
        for size in sizes:

            def cell(description=description, size=size, field=field):
                model = model_of(description, size).train().to(device)
                seconds = seconds_on(device, stepper(model, observations(size, objects), 0), steps)
                epoch = seconds * (FIELD_STEPS if field else 1) * TRAINING_IMAGES / objects
                return {"step_seconds": seconds, "epoch_seconds": epoch}

            row[str(size)] = {"outcome": "time"} if expected > STEP_LIMIT else measured(device, cell)
            expected = (1 if field else 4) * (steps + 1) * row[str(size)].get("step_seconds", expected)
    return result
