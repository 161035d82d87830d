"""Error bars of a convergence map: quantiles and standard deviation of what is wrong in each pixel."""

import torch
from torch import nn
from torch.nn import functional

from lofi.lensing.error_features import FEATURES

# Of the error: the median, and ends of intervals that hold 68 and 90 %. Errors have a long tail above, so the shortest
# intervals begin lower than those with as much beyond either end.
QUANTILES = (0.03, 0.11, 0.5, 0.79, 0.93)
GUIDES = ("estimate", "noise", "edge")  # features along which quantiles are calibrated
NODES = (0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 1)  # bins of a guide, fractions of the pixels
BINS = len(NODES) - 1


class ErrorBars(nn.Module):
    """Quantiles of the error, truth less estimate, and its standard deviation, in units of the scale of
    `lofi.lensing.error_features`.

    A small network says both. Tables over single features shift what it says, so that on maps that it was not trained
    on as many errors lie below each quantile as its name says (`lofi.lensing.error_training`).
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        outputs = len(QUANTILES) + 1
        layers = [nn.Linear(len(FEATURES), width), nn.SiLU(), nn.Linear(width, width), nn.SiLU()]
        self.network = nn.Sequential(*layers, nn.Linear(width, outputs))
        nn.init.zeros_(self.network[-1].weight)
        nn.init.zeros_(self.network[-1].bias)
        start = torch.special.ndtri(torch.tensor(QUANTILES))  # of a normal distribution
        self.register_buffer("gaps", start.diff().expm1().log(), persistent=False)  # softplus⁻¹ of the distances
        self.register_buffer("mean", torch.zeros(len(FEATURES)))
        self.register_buffer("spread", torch.ones(len(FEATURES)))
        self.register_buffer("nodes", torch.arange(BINS).float().repeat(len(GUIDES), 1))
        self.register_buffer("shifts", torch.zeros(len(GUIDES), BINS, outputs))

    def predicted(self, features: torch.Tensor) -> torch.Tensor:
        """What the network says of pixels (P, FEATURES): (P, 6), five quantiles in order and ln of the deviation."""
        low, inner_low, middle, inner_high, high, log_std = self.network((features - self.mean) / self.spread).T
        gaps = [functional.softplus(self.gaps[i] + raw) for i, raw in enumerate((low, inner_low, inner_high, high))]
        quantiles = [middle - gaps[1] - gaps[0], middle - gaps[1], middle, middle + gaps[2], middle + gaps[2] + gaps[3]]
        return torch.stack([*quantiles, log_std], dim=1)

    def shift(self, features: torch.Tensor, guide: int) -> torch.Tensor:
        """What the table of one guide adds (P, 6): quantiles in units of the 68 % interval, ln of the deviation."""
        nodes, values = self.nodes[guide], features[:, FEATURES.index(GUIDES[guide])].contiguous()
        above = torch.searchsorted(nodes, values).clamp(1, BINS - 1)
        step = (nodes[above] - nodes[above - 1]).clamp(min=1e-12)
        along = ((values - nodes[above - 1]) / step).clamp(0, 1)[:, None]
        return torch.lerp(self.shifts[guide, above - 1], self.shifts[guide, above], along)

    @torch.no_grad()
    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Calibrated quantiles (P, 5), in order, and standard deviation (P,) of the errors of pixels (P, FEATURES)."""
        said = self.predicted(features)
        total = sum(self.shift(features, guide) for guide in range(len(GUIDES)))
        quantiles, inner = said[:, :-1], (said[:, 3] - said[:, 1])[:, None]
        return (quantiles + inner * total[:, :-1]).sort(dim=1)[0], (said[:, -1] + total[:, -1]).exp()
