"""How far single precision is from the exact result, on any processor."""

import math

import torch

BICUBIC = 16  # pixels of one sample


def rounding(terms, result):
    """Bound on the error of `result` in single precision, each of whose values sums so many `terms`.

    Every term adds a rounding of the largest result, in a random direction: √terms of them. Processors sum in different
    orders and differ from each other by as much.
    """
    return math.sqrt(terms) * torch.finfo(torch.float32).eps * float(result.detach().abs().max())


def terms_of(network):
    """Numbers that a network of `lofi.field.mlp` sums on the way from its inputs to an output."""
    chunks, mixer = network.sequences()
    return sum(weight.shape[1] + 1 for layers in (*chunks[:1], mixer) for weight, _ in layers)
