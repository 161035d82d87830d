"""Wide networks arranged for inference on a processor: the products of `lofi.field.mlp` in an order for its caches.

In training all chunks pass one layer at a time. Here a chunk passes all its layers before the next one begins, through
two arrays that every layer writes again: 5 to 10 % faster (benchmarks/README.md). The weights are views of the
network's own; packed for oneDNN they were slower.
"""

from collections.abc import Callable

import torch

WIDE = 128  # features of a layer from which on this is faster than all chunks at once


def arranged(network: Callable, device: torch.device) -> Callable:
    """A callable like `network`, (chunks, inputs, n) → (outputs, n), for inference on `device` with today's weights.

    `network.sequences()` gives its layers as (weight (out, in), bias (out, 1)): a list of layers per chunk, and the
    layers of what follows. Narrow networks, and all on a GPU, stay as they are.
    """
    if device.type != "cpu" or not hasattr(network, "sequences"):
        return network
    by_chunk = ChunkByChunk(*network.sequences())
    return by_chunk if by_chunk.width >= WIDE else network


class ChunkByChunk:
    """`chunks`, a list of layers for each chunk (or none), and the layers of the `mixer`; ReLU before every layer."""

    def __init__(
        self, chunks: list[list[tuple[torch.Tensor, torch.Tensor]]], mixer: list[tuple[torch.Tensor, torch.Tensor]]
    ) -> None:
        self.chunks, self.mixer = chunks, mixer
        self.width = max(len(bias) for layers in (*chunks, mixer) for _, bias in layers)
        self.arrays = None

    @torch.no_grad()
    def __call__(self, patch: torch.Tensor) -> torch.Tensor:
        n = patch.shape[-1]
        if self.arrays is None or self.arrays[0].shape[-1] != n:
            features = sum(len(layers[-1][1]) for layers in self.chunks)
            self.arrays = [patch.new_empty(rows, n) for rows in (self.width, self.width, features)]
        *turns, features = self.arrays
        start = 0
        for x, layers in zip(patch, self.chunks, strict=False):
            stop = start + len(layers[-1][1])
            self._pass(x, layers, turns, features[start:stop])
            start = stop
        x = features.relu_() if self.chunks else patch.flatten(0, 1)
        return self._pass(x, self.mixer, turns, patch.new_empty(len(self.mixer[-1][1]), n))

    @staticmethod
    def _pass(x, layers, turns, out):
        for number, (weight, bias) in enumerate(layers[:-1]):
            x = torch.addmm(bias, weight, x, out=turns[number % 2][: len(bias)]).relu_()
        weight, bias = layers[-1]
        return torch.mm(weight, x, out=out).add_(bias)  # a single row sums onto the bias one by one, and rounds to it
