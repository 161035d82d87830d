"""Coordinate-conditioned patch geometry: where a patch samples the image depends on what is there (paper eqs 11–13)."""

from collections.abc import Callable, Mapping

import torch
from torch import nn

from lofi.device import exact
from lofi.field.mlp import MLP
from lofi.field.patch import GEOMETRIES, sample
from lofi.options import construct


class ConditionedGeometry(nn.Module):
    """Offsets that networks choose from the patch, T times, each time from the patch at the offsets chosen before.

    `p⁰ = q[x + Δ⁰]` with the learnable `offsets` Δ⁰ of the base geometry, and for t = 1 … T

        Δᵗ = Δ⁰ + bound · tanh(CCPGᵗ(pᵗ⁻¹)),   pᵗ = q[x + Δᵗ],

    with a network CCPGᵗ of its own for every step.
    # ASSUME: the paper prints Δᵗ = CCPGᵗ(pᵗ⁻¹) and does not say how it starts or what keeps it local. Here the last
    # layers start at zero, so that Δᵗ = Δ⁰, and tanh keeps every coordinate of an offset within `bound` of Δ⁰'s.
    # With `bound: null` it is Δ⁰ + CCPGᵗ, what the paper prints but for a constant that the last layer has as well.

    Parameters
    ----------
    channels : channels of the image that is sampled. extra : rows that the field adds to each chunk of a patch.
    steps : T, at least 1; without a step it is the base geometry itself.
    width, depth : of the hidden layers of each network, an MLP.  # ASSUME: the paper says "typically a simple MLP".
    bound : pixels > 0, or None.
    base : description of the base geometry, circular or square.
    """

    shared = False

    def __init__(
        self, channels: int, extra: int, steps: int, base: Mapping, width: int = 64, depth: int = 2, bound: float = 4.0
    ) -> None:
        super().__init__()
        if not isinstance(steps, int) or steps < 1:
            raise ValueError(
                f"geometry: steps is {steps!r}; expected a whole number of at least 1; for none, use the base geometry"
            )
        if bound is not None and not (isinstance(bound, int | float) and bound > 0):
            raise ValueError(f"geometry: bound is {bound!r}; expected a positive number of pixels, or null")
        self.bound = bound
        self.offsets = construct(GEOMETRIES, base, "base of the geometry").offsets  # (A, R, 2)
        chunks, samples = self.offsets.shape[:2]
        inputs, outputs = samples * channels + extra, chunks * samples * 2
        self.steps = nn.ModuleList(MLP(chunks, inputs, outputs, width, depth) for _ in range(steps))
        for network in self.steps:
            nn.init.zeros_(network.layers[-1].weight)
            nn.init.zeros_(network.layers[-1].bias)

    def forward(self, image: torch.Tensor, coordinates: torch.Tensor, read: Callable) -> list[torch.Tensor]:
        """Offsets of every step t = 0 … T around coordinates (B, P, 2): (K, 2), then T times (B, P, K, 2).

        read : `read(network, patch)` gives patches (C, K, n) to a network: (outputs, n).
        """
        base = self.offsets.flatten(0, 1)
        steps = [base]
        with exact(image.device):
            for network in self.steps:
                patch = sample(image, coordinates[:, :, None] + steps[-1]).permute(1, 3, 0, 2)  # (C, K, B, P), eq. 13
                answer = read(network, patch.flatten(2)).unflatten(0, base.shape)  # (K, 2, B·P), eq. 12
                change = answer if self.bound is None else self.bound * answer.tanh()
                steps.append(base + change.permute(2, 0, 1).unflatten(0, coordinates.shape[:2]))
        return steps
