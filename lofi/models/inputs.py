"""From observed channels to what a network sees: selection, scaling, and the linear estimate it starts from."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import nn

from lofi.models.channels import NOISE, chosen_channels
from lofi.solvers.wiener import WienerFilter


class Inputs(nn.Module):
    """Scaled input channels and the base image to which the network adds.

    Parameters
    ----------
    available : names of the observed channels, in their order; a channel called `noise_std` is the noise standard
        deviation of the first (inf where masked).
    targets : channels of the truth.
    channels : the ones this model reads; `all` of them.
    wiener : add the Wiener-filtered first channel as an input (needs `noise_std` among the available ones).
    residual : none | observed | wiener, the base image; `observed`: the first `targets` channels.
    """

    def __init__(
        self,
        available: Sequence[str],
        targets: int,
        channels: Sequence[str],
        wiener: bool = False,
        residual: Literal["none", "observed", "wiener"] = "none",
    ) -> None:
        super().__init__()
        channels = chosen_channels(available, targets, channels, wiener, residual)
        self.available, self.channels, self.residual, self.targets = list(available), channels, residual, targets
        self.wiener, self.reads_wiener = WienerFilter(), wiener  # every model keeps the spectrum it was trained on
        self.outputs = len(channels) + bool(wiener)
        self.register_buffer("scale", torch.ones(self.outputs))
        self.register_buffer("truth_scale", torch.ones(()))
        self.register_buffer("noise_reference", torch.ones(()))

    @torch.no_grad()
    def fit(self, observed: torch.Tensor, truth: torch.Tensor) -> None:
        """Set spectrum and scales from a sample (N, C, H, W) of observations and truths."""
        self.truth_scale.copy_(truth.std())
        if NOISE in self.available:
            noise = observed[:, self.available.index(NOISE)]
            self.noise_reference.copy_(noise[torch.isfinite(noise)].median())
        self.wiener.fit(truth[:, 0])
        self.scale.fill_(1.0)
        stack, _ = self(observed)
        self.scale.copy_(stack.transpose(0, 1).flatten(1).std(1).clamp(min=1e-12))
        for index, name in enumerate(self.channels):
            if name == NOISE:
                self.scale[index] = 1.0

    def forward(self, observed: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Observed (B, C, H, W) → scaled inputs (B, outputs, H, W), base (B, targets, H, W) in units of the truth."""
        stack = []
        for name in self.channels:
            channel = observed[:, self.available.index(name)]
            if name == NOISE:  # e-foldings from the reference; masked pixels count as noise e³ times it
                channel = (channel / self.noise_reference).log().clamp(-3.0, 3.0)
            stack.append(channel)
        if self.reads_wiener:
            stack.append(self.wiener(observed[:, 0], observed[:, self.available.index(NOISE)]))
        first = observed[:, : self.targets]
        base = {"none": torch.zeros_like(first), "observed": first, "wiener": stack[-1][:, None]}
        return torch.stack(stack, 1) / self.scale[:, None, None], base[self.residual]
