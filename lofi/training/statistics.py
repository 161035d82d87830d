"""Batch normalisation: what a network that is no longer trained normalises by.

In training a layer normalises by the mean and variance of the images that pass it together: a microbatch of one
process. What averaged weights need in evaluation are their own activations' statistics, which are no average of those
seen on the way, nor one process's: they are measured anew, before every validation and at the end.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from lofi.device import to_device
from lofi.training.batches import microbatches

BATCHES = 8  # of training data, the first ones


@torch.no_grad()
def measure_statistics(model: nn.Module, recipe: Any, draw: Callable) -> None:
    """Set what the batch normalisation of `model`, in evaluation mode, evaluates with; without such layers, do nothing.

    `recipe` and `draw` as in `lofi.training.fit.fit`: the same whole batches and places in each call and process.
    """
    layers = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    if not layers:
        return
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # the mean over microbatches
    device = next(model.parameters()).device
    generator = torch.Generator().manual_seed(0)
    model.train()
    for number in range(BATCHES):
        batch = draw(number, recipe.objects, slice(None))
        places = model.places(recipe.objects, batch[1].shape[-2:], generator)
        for part in microbatches((*batch, places), recipe.microbatch):
            model.training_step(*(to_device(piece, device) for piece in part))
    model.eval()
