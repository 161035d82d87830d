"""What an estimate is off by on average, as a function of one observed channel."""

import torch
from torch import nn

KNOTS = 24  # means of as many parts of the sample, of equal size


class Bias(nn.Module):
    """Mean of `estimate − truth` against the value of a channel, piecewise linear, constant outside; 0 until fitted."""

    def __init__(self):
        super().__init__()
        self.register_buffer("channel", torch.arange(float(KNOTS)))
        self.register_buffer("mean", torch.zeros(KNOTS))

    @torch.no_grad()
    def fit(self, channel, error):
        """From a sample: values of the channel and errors there, of one shape; inf in the channel is left out."""
        finite = torch.isfinite(channel)
        channel, error = channel[finite], error[finite]
        if len(channel) < KNOTS:
            raise ValueError(f"the bias of an estimate is measured on at least {KNOTS} pixels; here are {len(channel)}")
        order = channel.argsort()
        for knots, values in ((self.channel, channel), (self.mean, error)):
            parts = values[order].double().tensor_split(KNOTS)
            knots.copy_(torch.stack([part.mean() for part in parts]))
        same = (self.channel[:, None] == self.channel).to(self.mean.dtype)  # parts of one value are one part
        self.mean.copy_(same @ self.mean / same.sum(1))

    def forward(self, channel):
        """The bias at values of the channel, of their shape."""
        right = torch.searchsorted(self.channel, channel.contiguous()).clamp(1, KNOTS - 1)
        low, high = self.channel[right - 1], self.channel[right]
        part = ((channel - low) / (high - low).clamp(min=1e-12)).clamp(0.0, 1.0)
        return torch.lerp(self.mean[right - 1], self.mean[right], part)
