"""The networks that read a patch: a plain MLP and the MultiMLP (paper Fig. 2)."""

import math

import torch
from torch import nn


class GroupedLinear(nn.Module):
    """`groups` independent affine layers applied to `groups` inputs: (G, n, in) → (G, n, out)."""

    def __init__(self, groups, inputs, outputs):
        super().__init__()
        bound = 1.0 / math.sqrt(inputs)  # the initialisation of torch.nn.Linear, layer by layer
        self.weight = nn.Parameter(torch.empty(groups, inputs, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(groups, 1, outputs).uniform_(-bound, bound))

    def forward(self, x):
        return torch.baddbmm(self.bias, x, self.weight)


def stack(layer, inputs, width, depth, outputs):
    """`depth` hidden layers of `width` with ReLU, then a linear layer to `outputs`."""
    layers = []
    for _ in range(depth):
        layers += [layer(inputs, width), nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers, layer(inputs, outputs))


class MultiMLP(nn.Module):
    """One MLP per chunk of the patch, their outputs concatenated and mixed by another MLP.

    Input (n, chunks, chunk_inputs), output (n, outputs). Paper: 9 chunks, width 370, depth 3, 100 outputs per chunk.
    """

    def __init__(self, chunks, chunk_inputs, outputs, width=370, depth=3, chunk_outputs=100):
        super().__init__()
        self.chunks = stack(lambda i, o: GroupedLinear(chunks, i, o), chunk_inputs, width, depth, chunk_outputs)
        self.mixer = stack(nn.Linear, chunks * chunk_outputs, width, depth, outputs)

    def forward(self, patch):
        features = self.chunks(patch.transpose(0, 1))  # (chunks, n, chunk_outputs)
        # ASSUME: the chunks' outputs pass a ReLU before they are mixed; the paper does not say.
        return self.mixer(torch.relu(features).transpose(0, 1).flatten(1))


class MLP(nn.Module):
    """One MLP over the whole patch, the alternative for small patches: (n, chunks, chunk_inputs) → (n, outputs)."""

    def __init__(self, chunks, chunk_inputs, outputs, width=370, depth=3):
        super().__init__()
        self.layers = stack(nn.Linear, chunks * chunk_inputs, width, depth, outputs)

    def forward(self, patch):
        return self.layers(patch.flatten(1))


NETWORKS = {"multimlp": MultiMLP, "mlp": MLP}
