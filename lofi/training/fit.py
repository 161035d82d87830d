"""One training loop for every network, in one process or several: resumable, reproducible, silent about the data."""

import copy
import csv
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm

from lofi.device import to_device
from lofi.io.atomic import replacing
from lofi.messages import say_notes
from lofi.models.precision import precision_notes
from lofi.training import parallel
from lofi.training.batches import microbatches
from lofi.training.interruption import noticed
from lofi.training.recipe import Recipe
from lofi.training.resume import restore, saved, suspend
from lofi.training.statistics import measure_statistics


def fit(
    model: nn.Module,
    recipe: Recipe,
    draw: Callable,
    validate: Callable,
    seed: int,
    history: str | Path,
    state: str | Path | None = None,
    fingerprint: str = "",
    progress: bool = True,
) -> None:
    """Train `model` in place; it ends with the averaged weights.

    In each process of a `lofi.training.parallel.group` it trains the same model on a share of each batch; the first one
    validates, writes and resumes for all. Raises InterruptedError when SIGTERM or Ctrl-C ended it, the state written.

    Parameters
    ----------
    model : a trainable reconstructor, calibrated.
    draw : `draw(number, objects, share)` → (observed, truth) tensors of the part `share`, a slice, of a batch of
        `objects`; the same number gives the same batch, however it is shared out.
    validate : `validate(model)` → {column: number}, logged every `validate_every` steps (of the averaged weights).
    seed : whole number; the pixels of a step depend on it and on the step, so a resumed run repeats nothing.
    history : path of the CSV: step, pixels (of the truth, seen until then), loss (mean since the last row),
        learning_rate, what `validate` returns, seconds.
    state : path of the resume file; written every `save_every` steps; the caller removes it once the model is stored. A
        state of another `fingerprint` is ignored.
    """
    if parallel.first():
        say_notes(precision_notes(model))
    averaged = copy.deepcopy(model).eval()
    model.train()
    optimiser = torch.optim.Adam(_groups(model, recipe))
    state = None if state is None else Path(state)
    reached = _resume(state, fingerprint, model, averaged, optimiser)
    rows, losses = reached["rows"], reached["losses"]
    clock = time.monotonic() - reached["seconds"]
    first, share, stepper = parallel.first(), parallel.share(recipe.objects), parallel.stepper(model)
    steps, silent = range(reached["step"], recipe.steps), not (progress and first)
    bar = tqdm(steps, initial=steps.start, total=recipe.steps, unit="step", mininterval=5, disable=silent)
    batch = None
    with noticed() as signals:
        for step in bar:
            for group in optimiser.param_groups:
                group["lr"] = group["base"] * recipe.rate(step)
            if batch is None or step % recipe.repeats == 0:
                batch = draw(step // recipe.repeats, recipe.objects, share)
            generator = torch.Generator().manual_seed((seed + 1_000_003 * step) % 2**63)
            places = model.places(recipe.objects, batch[1].shape[-2:], generator)[share]
            loss, stopping = parallel.total(_step(stepper, optimiser, (*batch, places), recipe), len(signals))
            losses.append(loss)
            if not math.isfinite(loss):
                raise ValueError(f"training diverged: the loss is {loss} at step {step}; lower learning_rate")
            _average(averaged, model, min(recipe.ema, (step + 1) / (step + 10)))
            bar.set_postfix(loss=f"{loss:.4g}", refresh=False)
            done = step + 1
            if first and (done % recipe.validate_every == 0 or done == recipe.steps):
                measure_statistics(averaged, recipe, draw)
                shown = {"step": done, "pixels": done * recipe.objects * model.seen(batch[1].shape[-2:])}
                shown |= {"loss": sum(losses) / len(losses), "learning_rate": optimiser.param_groups[0]["lr"]}
                rows.append(shown | validate(averaged) | {"seconds": round(time.monotonic() - clock, 1)})
                losses.clear()
                _write(history, rows)
            saving = stopping or done % recipe.save_every == 0
            if first and state is not None and saving and done < recipe.steps:
                reached = {"step": done, "rows": rows, "losses": losses, "seconds": time.monotonic() - clock}
                suspend(state, fingerprint, reached, model, averaged, optimiser)
            if stopping and done < recipe.steps:
                parallel.total(0)  # all wait until the state is written
                raise InterruptedError(
                    f"training was stopped (SIGTERM or Ctrl-C) after step {done} of {recipe.steps}"
                    + ("" if state is None else "; the next run continues from there")
                )
    model.load_state_dict(averaged.state_dict())
    model.eval()


def _resume(state, fingerprint, model, averaged, optimiser):
    """Restore what the first process finds saved; returns the progress, that of a beginning if there is nothing."""
    found = parallel.from_first(saved(state, fingerprint) if parallel.first() else None)
    if found is None:
        return {"step": 0, "rows": [], "losses": [], "seconds": 0}
    progress, tensors = found
    restore(tensors, model, averaged, optimiser)
    if parallel.first():
        print(f"training resumed at step {progress['step']}", file=sys.stderr)
    return progress


def _groups(model, recipe):
    geometry = [p for name, p in model.named_parameters() if name.endswith("geometry.offsets") and p.requires_grad]
    others = [p for p in model.parameters() if p.requires_grad and all(p is not g for g in geometry)]
    rate = recipe.learning_rate if recipe.geometry_learning_rate is None else recipe.geometry_learning_rate
    groups = [{"params": others, "base": recipe.learning_rate}, {"params": geometry, "base": rate}]
    return [group for group in groups if group["params"]]


def _step(stepper, optimiser, batch, recipe):
    """One optimiser step with gradients accumulated over microbatches and summed over processes.

    `batch` is this process's share of observed, truth and places; returns its part of the mean loss over all objects.
    """
    optimiser.zero_grad(set_to_none=True)
    device = next(stepper.parameters()).device
    parts = microbatches(batch, recipe.microbatch)
    mean = 0.0
    for number, part in enumerate(parts):
        observed, truth, places = (to_device(piece, device) for piece in part)
        with parallel.exchange(stepper, now=number == len(parts) - 1):
            loss = stepper(observed, truth, places) * (len(truth) / recipe.objects)
            (loss * parallel.size()).backward()  # the exchange is a mean over processes
        mean += float(loss.detach())
    if recipe.clip:
        torch.nn.utils.clip_grad_norm_(stepper.parameters(), recipe.clip)
    optimiser.step()
    return mean


@torch.no_grad()
def _average(averaged, model, decay):
    for mean, value in zip(averaged.parameters(), model.parameters(), strict=True):
        mean.lerp_(value, 1.0 - decay)
    for mean, value in zip(averaged.buffers(), model.buffers(), strict=True):
        mean.copy_(value)


def _write(history, rows):
    with replacing(history) as path, path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
