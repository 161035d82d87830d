"""From observed channels to what a network sees: selection, scaling, and the linear estimate it starts from."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import nn

from lofi.models.channels import NOISE, chosen_channels
from lofi.models.priors import MeasuredPrior, SkyPrior


class Inputs(nn.Module):
    """Scaled input channels and the base image to which the network adds.

    Parameters
    ----------
    available : names of the observed channels, in their order; a channel called `noise_std` is the noise standard
        deviation of the first (inf where masked). Where `pixel_arcmin` and `redshift` are among them, all else is seen
        in units of the sky's own spread at this pixel size and redshift (`lofi.models.priors.SkyPrior`).
    targets : channels of the truth.
    channels : the ones this model reads; `all` of them.
    wiener : add the Wiener-filtered first channel as an input (needs `noise_std` among the available ones).
    residual : none | observed | wiener, the base image; `observed`: the first `targets` channels.
    length_arcmin : pixels smaller than this are averaged to it before the network sees them, and its patch is as large
        on the sky as of pixels of this size.
    """

    def __init__(
        self,
        available: Sequence[str],
        targets: int,
        channels: Sequence[str],
        wiener: bool = False,
        residual: Literal["none", "observed", "wiener"] = "none",
        length_arcmin: float | None = None,
    ) -> None:
        super().__init__()
        channels = chosen_channels(available, targets, channels, wiener, residual, length_arcmin)
        self.available, self.channels, self.residual, self.targets = list(available), channels, residual, targets
        self.reads_wiener = wiener
        self.wiener = MeasuredPrior(available) if length_arcmin is None else SkyPrior(available, length_arcmin)
        self.outputs = len(channels) + bool(wiener)
        self.register_buffer("scale", torch.ones(self.outputs))
        self.register_buffer("truth_scale", torch.ones(()))
        self.register_buffer("noise_reference", torch.ones(()))

    @torch.no_grad()
    def fit(self, observed: torch.Tensor, truth: torch.Tensor) -> None:
        """Set spectrum and scales from a sample (N, C, H, W) of observations and truths."""
        self.wiener.fit(truth[:, 0])
        seen, unit = self.wiener.seen(observed), self.wiener.unit(observed)
        self.truth_scale.copy_((truth / unit).std())
        if NOISE in self.available:
            noise = seen[:, self.available.index(NOISE)]
            self.noise_reference.copy_(noise[torch.isfinite(noise)].median())
        self.scale.fill_(1.0)
        stack, _ = self(observed)
        self.scale.copy_(stack.transpose(0, 1).flatten(1).std(1).clamp(min=1e-12))
        for index, name in enumerate(self.channels):
            if name == NOISE:
                self.scale[index] = 1.0

    def unit(self, observed: torch.Tensor) -> torch.Tensor:
        """What the output of the network is a multiple of: broadcasts to (B, targets, H, W)."""
        return self.truth_scale * self.wiener.unit(observed)

    def forward(
        self, observed: torch.Tensor, filtered: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Observed (B, C, H, W) → scaled inputs (B, outputs, H, W), base (B, targets, H, W) in units of the truth.

        filtered : the Wiener map (B, H, W), where it is known already.
        """
        first = observed[:, : self.targets]
        base = {"none": torch.zeros_like(first), "observed": first}
        if self.reads_wiener:
            base["wiener"] = (self.wiener(observed) if filtered is None else filtered)[:, None]
            filtered = (base["wiener"] / self.wiener.unit(observed))[:, 0]
        return self.scaled(self.wiener.seen(observed), filtered), base[self.residual]

    def scaled(self, seen: torch.Tensor, filtered: torch.Tensor | None) -> torch.Tensor:
        """Scaled inputs (B, outputs, H, W) of channels (B, C, H, W) as they are seen and the Wiener map (B, H, W), both
        in the prior's units."""
        stack = []
        for name in self.channels:
            channel = seen[:, self.available.index(name)]
            if name == NOISE:  # e-foldings from the reference; masked pixels count as noise e³ times it
                channel = (channel / self.noise_reference).log().clamp(-3.0, 3.0)
            stack.append(channel)
        if self.reads_wiener:
            stack.append(filtered)
        return torch.stack(stack, 1) / self.scale[:, None, None]
