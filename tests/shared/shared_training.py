"""Trainings in float64 that one process, or several started by `torchrun`, carry out; these write what comes out.

Run as a program: `torchrun shared_training.py FILE FOLDER`.
"""

import sys
from contextlib import suppress
from pathlib import Path

import torch

from lofi.models.registry import build
from lofi.training import parallel
from lofi.training.fit import _step, fit
from lofi.training.recipe import Recipe

SIZE = (12, 12)
INPUTS = {"channels": ["kappa_e"], "wiener": True, "residual": "wiener"}
GEOMETRY = {"kind": "circular", "rings": 3, "angles": 4, "radius": 2.0}
NETWORK = {"kind": "multimlp", "width": 8, "depth": 2, "chunk_outputs": 4}
MODELS = {
    "lofi": {"class": "lofi", "inputs": INPUTS, "geometry": GEOMETRY, "network": NETWORK, "pixels": 16},
    "unet": {"class": "unet", "inputs": INPUTS, "features": 2, "levels": 1},
    "dncnn_denoiser": {"class": "dncnn_denoiser", "features": 3, "layers": 3, "crop": 8},
}
NORMALISED = {"class": "dncnn", "inputs": INPUTS, "features": 3, "layers": 4}
PARTS = [(6, 0), (6, 2), (5, 0), (7, 2)]  # objects and microbatch: equal and unequal shares and parts


class Killed(Exception):
    """What stands for the end of a process."""


def draw(number, objects, share=slice(None)):
    generator = torch.Generator().manual_seed(100 + number)
    truth = torch.randn(objects, 1, *SIZE, generator=generator, dtype=torch.float64)
    noisy = truth + 0.7 * torch.randn(truth.shape, generator=generator, dtype=torch.float64)
    return torch.cat([noisy, torch.full_like(truth, 0.7)], 1)[share], truth[share]


def model_of(name):
    torch.manual_seed(0)
    channels = ["image" if name.endswith("denoiser") else "kappa_e", "noise_std"]
    model = build((MODELS | {"dncnn": NORMALISED})[name], channels, SIZE).double()
    model.calibrate(draw(999, 8), None)
    for parameter in model.parameters():  # past the zeros it starts with
        parameter.data += 0.1 * torch.sin(torch.arange(parameter.numel()).double()).reshape(parameter.shape)
    return model


def gradients(name, objects, microbatch):
    """Of one step: loss summed over processes, and gradients by name."""
    model = model_of(name)
    still = torch.optim.SGD(model.parameters(), lr=0.0)
    share = parallel.share(objects)
    places = model.places(objects, SIZE, torch.Generator().manual_seed(3))[share]
    recipe = Recipe(steps=1, objects=objects, microbatch=microbatch, clip=0.0)
    loss = _step(parallel.stepper(model), still, (*draw(1, objects, share), places), recipe)
    return {"loss": torch.tensor(parallel.total(loss))} | {key: p.grad for key, p in model.named_parameters()}


def normalised_gradients(objects=6):
    """Of one step with batch normalisation: one process takes as microbatches what are the shares of two."""
    model, shares = model_of("dncnn"), [slice(0, None, 2), slice(1, None, 2)]
    mine = [parallel.share(objects)] if parallel.size() == 2 else shares
    batch = [torch.cat([part[share] for share in mine]) for part in (*draw(1, objects), torch.empty(objects, 0))]
    still = torch.optim.SGD(model.parameters(), lr=0.0)
    recipe = Recipe(steps=1, objects=objects, microbatch=objects // 2, clip=0.0)
    loss = _step(parallel.stepper(model), still, batch, recipe)
    return {"loss": torch.tensor(parallel.total(loss))} | {key: p.grad for key, p in model.named_parameters()}


def weights(name, objects, microbatch, folder, last=7):
    """After `last` steps of 9, killed if fewer; the state is kept every 3."""
    recipe = Recipe(steps=9, objects=objects, microbatch=microbatch, warmup=2, save_every=3, validate_every=4)
    folder.mkdir(parents=True, exist_ok=True)
    model = model_of(name)

    def until(number, objects, share):
        if number == last:
            raise Killed
        return draw(number, objects, share)

    def validate(averaged):
        return {"validation": float((averaged.reconstruct(draw(998, 2)[0]) - draw(998, 2)[1]).square().mean())}

    fit(model, recipe, until, validate, 5, folder / "history.csv", folder / "state", progress=False)
    return {key: value.clone() for key, value in model.state_dict().items()}


def everything(folder):
    """Gradients and weights of all cases, by a label."""
    cases = [(name, *part) for name in MODELS for part in PARTS]
    found = {f"gradients {case}": gradients(*case) for case in cases}
    found |= {f"weights {case}": weights(*case, folder / str(case), last=None) for case in cases[::5]}
    found["normalised gradients"] = normalised_gradients()
    trained = weights("dncnn", 6, 0, folder / "normalised", last=None)
    found["normalised, trained"] = {"finite": torch.tensor(float(all(v.isfinite().all() for v in trained.values())))}
    with suppress(Killed):
        weights(*cases[0], folder / "killed")
    return found


if __name__ == "__main__":
    file, folder = map(Path, sys.argv[1:])
    torch.set_num_threads(1)
    with parallel.group(torch.device("cpu")):
        found = everything(folder)
        if parallel.first():
            torch.save(found, file)
