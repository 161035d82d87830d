"""The networks that read a patch: a plain MLP and the MultiMLP (paper Fig. 2).

Features come before pixels, (…, features, n): on a processor, wide products of small matrices are fastest that way.
"""

import math
from collections.abc import Callable

import torch
from torch import nn


class GroupedLinear(nn.Module):
    """`groups` independent affine layers applied to `groups` inputs: (G, in, n) → (G, out, n)."""

    def __init__(self, groups: int, inputs: int, outputs: int) -> None:
        super().__init__()
        bound = 1.0 / math.sqrt(inputs)  # the initialisation of torch.nn.Linear, layer by layer
        self.weight = nn.Parameter(torch.empty(groups, inputs, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(groups, 1, outputs).uniform_(-bound, bound))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return _affine_map(torch.baddbmm, self.bias.transpose(1, 2), self.weight.transpose(1, 2), x)

    def affine(self, group: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Weight (out, in) and bias (out, 1) of one of the layers, views without gradient."""
        return self.weight.detach()[group].T, self.bias.detach()[group].T


class Affine(nn.Linear):
    """An affine layer over the first axis: (in, n) → (out, n)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return _affine_map(torch.addmm, self.bias[:, None], self.weight, x)

    def affine(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Weight (out, in) and bias (out, 1), views without gradient."""
        return self.weight.detach(), self.bias.detach()[:, None]


def _affine_map(fused, bias, weight, x):
    """`weight @ x + bias`. On a processor autocast runs products in bfloat16, but not those with a sum."""
    if not torch.is_autocast_enabled("cpu"):
        return fused(bias, weight, x)
    product = weight @ x
    return product.add_(bias.to(product.dtype))


def stack(layer: Callable[[int, int], nn.Module], inputs: int, width: int, depth: int, outputs: int) -> nn.Sequential:
    """`depth` hidden layers of `width` with ReLU, then a linear layer to `outputs`."""
    if width < 1 or depth < 0:
        raise ValueError(
            f"network: width {width}, depth {depth}; expected a width of at least 1 and a depth of at least 0"
        )
    layers = []
    for _ in range(depth):
        layers += [layer(inputs, width), nn.ReLU(inplace=True)]
        inputs = width
    return nn.Sequential(*layers, layer(inputs, outputs))


class MultiMLP(nn.Module):
    """One MLP per chunk of the patch, their outputs concatenated and mixed by another MLP.

    Input (chunks, chunk_inputs, n), output (outputs, n). Paper: 9 chunks, width 370, depth 3, 100 outputs per chunk.
    """

    def __init__(
        self, chunks: int, chunk_inputs: int, outputs: int, width: int = 370, depth: int = 3, chunk_outputs: int = 100
    ) -> None:
        super().__init__()
        self.chunks = stack(lambda i, o: GroupedLinear(chunks, i, o), chunk_inputs, width, depth, chunk_outputs)
        self.mixer = stack(Affine, chunks * chunk_outputs, width, depth, outputs)

    def forward(self, patch: torch.Tensor) -> torch.Tensor:
        features = self.chunks(patch)  # (chunks, chunk_outputs, n)
        # ASSUME: the chunks' outputs pass a ReLU before they are mixed; the paper does not say.
        return self.mixer(torch.relu(features).flatten(0, 1))

    def sequences(self) -> tuple[list, list]:
        """Its layers for `lofi.field.inference`."""
        chunks = range(len(self.chunks[0].weight))
        return [[layer.affine(chunk) for layer in self.chunks[::2]] for chunk in chunks], _affine(self.mixer)


class MLP(nn.Module):
    """One MLP over the whole patch, the alternative for small patches: (chunks, chunk_inputs, n) → (outputs, n)."""

    def __init__(self, chunks: int, chunk_inputs: int, outputs: int, width: int = 370, depth: int = 3) -> None:
        super().__init__()
        self.layers = stack(Affine, chunks * chunk_inputs, width, depth, outputs)

    def forward(self, patch: torch.Tensor) -> torch.Tensor:
        return self.layers(patch.flatten(0, 1))

    def sequences(self) -> tuple[list, list]:
        """Its layers for `lofi.field.inference`."""
        return [], _affine(self.layers)


def _affine(layers):
    return [layer.affine() for layer in layers[::2]]


NETWORKS = {"multimlp": MultiMLP, "mlp": MLP}
