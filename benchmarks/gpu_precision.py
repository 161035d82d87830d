"""The published field in float32, TF32 and bfloat16 on a GPU: seconds, gradients, and the error after some training."""

import tempfile
from contextlib import nullcontext
from pathlib import Path

import torch
from gpu_device import products, seconds_on, without_bfloat16
from gpu_networks import model_of
from measure import PAPER
from training_step import stepper

from lofi.training.fit import fit
from lofi.training.recipe import Recipe

CHANNELS = ["image", "noise_std"]
FIELD = PAPER | {"inputs": {"channels": ["image"], "residual": "observed"}}
NOISE, BATCHES = 0.05, 4  # of skies with peaks of 1; steps on each batch of a training
MODES = {  # products in TF32, forward of training without bfloat16
    "float32": (False, True),
    "tf32": (True, True),
    "tf32, training in bfloat16": (True, False),
}


def precision(device, objects, size, steps, pixels=512):
    """For each mode: seconds of a step and of an image, the gradient's distance from float32's, PSNR after training."""
    batch, result, reference = denoising(objects, size, 1), {}, None
    for mode, (tf32, exact) in MODES.items():
        with products(tf32), without_bfloat16() if exact else nullcontext():
            model = model_of(FIELD | {"pixels": pixels}, size, CHANNELS).train().to(device)
            step = stepper(model, batch, 0)
            step()
            gradient = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]).cpu()
            reference = gradient if reference is None else reference
            result[mode] = {
                "gradient": float((gradient - reference).norm() / reference.norm()),
                "step_seconds": seconds_on(device, step, 3),
                "image_seconds": seconds_on(device, lambda m=model: m.reconstruct(batch[0][:1].to(device))),
                "psnr_db": _trained(device, objects, size, steps, pixels),
            }
    return result


def _trained(device, objects, size, steps, pixels):
    """PSNR of held-out images after `steps` steps of the workflow's own loop."""
    held_out = denoising(8, size, 2)
    model = model_of(FIELD | {"pixels": pixels}, size, CHANNELS).to(device)

    def draw(number, objects, share):
        return tuple(part[share] for part in denoising(objects, size, 100 + number))

    def validate(averaged):
        error = averaged.reconstruct(held_out[0].to(device)).cpu() - held_out[1]
        return {"psnr": float(-10 * error.square().mean().log10())}

    recipe = Recipe(steps=steps, objects=objects, repeats=BATCHES, learning_rate=5e-4, validate_every=steps)
    with tempfile.TemporaryDirectory() as folder:
        history = Path(folder) / "history.csv"
        fit(model, recipe, draw, validate, 0, history, progress=False)
        names, values = (line.split(",") for line in history.read_text().split())
    return float(values[names.index("psnr")])


def skies(number, size, seed):
    """Positive random skies (number, size, size), rough and with bright peaks, the brightest 1."""
    generator = torch.Generator().manual_seed(seed)
    k = torch.fft.fftfreq(size)[:, None].hypot(torch.fft.rfftfreq(size)).clamp(min=1 / size)
    white = torch.fft.rfft2(torch.randn(number, size, size, generator=generator))
    field = torch.fft.irfft2(white * k**-1.5, s=(size, size))
    bright = (1.5 * field / field.std((1, 2), keepdim=True)).exp()
    return bright / bright.amax((1, 2), keepdim=True)


def denoising(objects, size, seed):
    """Noisy skies with their noise level (objects, 2, size, size), and the skies."""
    truth = skies(objects, size, seed)[:, None]
    noisy = truth + NOISE * torch.randn(truth.shape, generator=torch.Generator().manual_seed(seed + 1))
    return torch.cat([noisy, torch.full_like(truth, NOISE)], dim=1), truth
