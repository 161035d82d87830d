"""One cell of the costs, in a process of its own: JSON on stdin, JSON on stdout (see `workflow.costs`)."""

import itertools
import json
import resource
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import torch

from lofi.device import choose
from lofi.memory import keep_freed_memory
from lofi.messages import one_sentence
from lofi.models.inputs import NOISE
from lofi.models.registry import build
from lofi.training.fit import fit
from lofi.training.recipe import Recipe
from workflow.peak_memory import peak_bytes, status_kb

GB = 1e9
# How torch, the C++ library and oneDNN (could not …) say that they got no memory, where they raise no MemoryError
EXHAUSTED = ("allocate memory", "bad_alloc", "out of memory", "could not create a", "could not execute a primitive")


class Enough(Exception):
    """Ends a training once the batches that were asked for are timed."""


def cell(*, description, pixels, cost, device, threads):
    """Peak memory and time of a batch of `objects` images, trained on as everywhere here: by `lofi.training.fit.fit`.

    The peak is that of the process above what it held with everything loaded: weights, Adam's moments, averaged
    weights, the batch and activations; on a GPU, of tensors. Images are noise, made before the clock starts.
    """
    keep_freed_memory()
    device, options = choose(device, threads), dict(description)
    recipe = options.pop("training", {}) | {"objects": cost["objects"], "steps": 10**6}
    if "microbatch" in cost:
        recipe |= {"microbatch": cost["microbatch"]}
    recipe = Recipe.of(recipe | {"validate_every": 10**6, "save_every": 10**6})
    _load()
    before = _start(device, cost["memory_limit_gb"])
    signal.alarm(cost["time_limit_s"])
    row = {"outcome": "ok", "microbatch": recipe.microbatch, "device": _name(device)}
    try:
        batch = _batch(cost, pixels)
        row["images_gb"] = sum(tensor.nbytes for tensor in batch) / GB
        model = build(options, cost["channels"], (pixels, pixels))
        if not model.trainable:
            raise ValueError("it learns nothing, so that its training has no cost")
        row["parameters"] = sum(p.numel() for p in model.parameters())
        model.calibrate(tuple(tensor[..., :32, :32] for tensor in batch), None)  # scales; costs nothing
        row |= _seconds(model.to(device), recipe, batch, cost["batches"])
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and not any(words in str(error) for words in EXHAUSTED):
            raise
        row["outcome"] = "memory"
    signal.alarm(0)
    _lift_limit()
    row["peak_gb"] = (peak_bytes(device) - before) / GB
    if row["outcome"] == "memory" or row["peak_gb"] > cost["memory_limit_gb"]:
        row |= {"outcome": "memory", "peak_gb": None, "batch_seconds": None, "processor_seconds": None}
    return row


def _load():
    """Use once what torch loads when it is used first, about 100 MB that no network needs for itself."""
    small = torch.nn.Conv2d(1, 1, 3)
    small(torch.fft.ifft2(torch.fft.fft2(torch.zeros(1, 1, 4, 4))).real).sum().backward()
    torch.optim.Adam(small.parameters()).step()


def _batch(cost, pixels):
    shape = (cost["objects"], len(cost["channels"]), pixels, pixels)
    observed = torch.rand(shape)
    if NOISE in cost["channels"]:
        observed[:, cost["channels"].index(NOISE)] = 0.1
    return observed, torch.rand(shape[0], 1, pixels, pixels)


def _seconds(model, recipe, batch, batches):
    """Least time of a batch with all its optimiser steps, after a first one: the clock's, and this process's share."""
    marks = []

    def draw(number, objects, share):
        if next(model.parameters()).is_cuda:
            torch.cuda.synchronize()
        marks.append((time.perf_counter(), time.process_time()))
        if number == batches + 1:
            raise Enough
        return batch

    with tempfile.TemporaryDirectory() as folder, suppress(Enough):
        fit(model, recipe, draw, None, 0, Path(folder) / "history.csv", progress=False)
    wall, processor = ([after[k] - before[k] for before, after in itertools.pairwise(marks[1:])] for k in (0, 1))
    return {"batch_seconds": min(wall), "processor_seconds": min(processor)}


def _start(device, limit):
    """Memory held now, in bytes, from where the peak is counted; from here on `limit` GB more can be had."""
    if device.type == "cuda":
        total = torch.cuda.get_device_properties(device).total_memory
        torch.cuda.set_per_process_memory_fraction(min(limit * GB / total, 1.0))
        torch.cuda.reset_peak_memory_stats()
        return 0
    if sys.platform == "linux":  # elsewhere only the peak is compared with the limit
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        soft = int(1024 * status_kb("VmData") + limit * GB)
        resource.setrlimit(resource.RLIMIT_DATA, (soft if hard < 0 else min(soft, hard), hard))
    return peak_bytes(device)


def _lift_limit():
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def _name(device):
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


if __name__ == "__main__":
    with one_sentence():
        print(json.dumps(cell(**json.load(sys.stdin))))
