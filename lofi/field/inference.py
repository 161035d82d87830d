"""Wide networks arranged for inference on a processor: the products of `lofi.field.mlp` in an order for its caches.

In training all chunks pass one layer at a time. Here a chunk passes all its layers before the next one begins, through
two arrays that every layer writes again: 5 to 10 % faster (benchmarks/README.md). The weights are views of the
network's own; packed for oneDNN they were slower.
"""

from collections.abc import Callable
from threading import local

import torch

from lofi.device import bfloat16_products
from lofi.field.bfloat16 import Bfloat16Network, operators

WIDE = 128  # features of a layer from which on this is faster than all chunks at once
HALF = 48  # and from which on bfloat16 is faster than float32


def arranged(network: Callable, device: torch.device, fast: bool = False) -> Callable:
    """A callable like `network`, (chunks, inputs, n) → (outputs, n), for inference on `device` with today's weights.

    `network.sequences()` gives its layers as (weight (out, in), bias (out, 1)): a list of layers per chunk, and the
    layers of what follows. Narrow networks, and all on a GPU, stay as they are. `fast`: in bfloat16.
    """
    if device.type != "cpu" or not hasattr(network, "sequences"):
        return network
    if fast:
        return Bfloat16Network(*network.sequences())
    return network if width(network) < WIDE else ChunkByChunk(*network.sequences())


def width(network: Callable) -> int:
    """Features of the widest layer of a network that has `sequences`."""
    chunks, mixer = network.sequences()
    return max(len(bias) for layers in (*chunks, mixer) for _, bias in layers)


def against_bfloat16(network: Callable, device: torch.device) -> str | None:
    """Why the layers of a network stay in float32 on `device`, a clause; None where bfloat16 is faster."""
    if device.type != "cpu":
        return "it is an option for processors"
    if width(network) < HALF:
        return f"layers are {width(network)} wide; bfloat16 is for {HALF} and more"
    if not operators():
        return f"torch {torch.__version__} has no products of bfloat16 for processors"
    return None if bfloat16_products() else "this processor has no products of bfloat16 (AMX or AVX-512 BF16)"


class ChunkByChunk:
    """`chunks`, a list of layers for each chunk (or none), and the layers of the `mixer`; ReLU before every layer."""

    def __init__(
        self, chunks: list[list[tuple[torch.Tensor, torch.Tensor]]], mixer: list[tuple[torch.Tensor, torch.Tensor]]
    ) -> None:
        self.chunks, self.mixer = chunks, mixer
        self.width = max(len(bias) for layers in (*chunks, mixer) for _, bias in layers)
        self.arrays = local()  # of each thread

    @torch.no_grad()
    def __call__(self, patch: torch.Tensor) -> torch.Tensor:
        *turns, features = self._arrays(patch)
        start = 0
        for x, layers in zip(patch, self.chunks, strict=False):
            stop = start + len(layers[-1][1])
            self._pass(x, layers, turns, features[start:stop])
            start = stop
        x = features.relu_() if self.chunks else patch.flatten(0, 1)
        return self._pass(x, self.mixer, turns, patch.new_empty(len(self.mixer[-1][1]), patch.shape[-1]))

    def _arrays(self, patch):
        n, arrays = patch.shape[-1], getattr(self.arrays, "last", None)
        if arrays is None or arrays[0].shape[-1] != n:
            features = sum(len(layers[-1][1]) for layers in self.chunks)
            arrays = self.arrays.last = [patch.new_empty(rows, n) for rows in (self.width, self.width, features)]
        return arrays

    @staticmethod
    def _pass(x, layers, turns, out):
        for number, (weight, bias) in enumerate(layers[:-1]):
            x = torch.addmm(bias, weight, x, out=turns[number % 2][: len(bias)]).relu_()
        weight, bias = layers[-1]
        return torch.mm(weight, x, out=out).add_(bias)  # a single row sums onto the bias one by one, and rounds to it
