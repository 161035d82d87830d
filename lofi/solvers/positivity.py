"""Positivity alone: non-negative least squares, the control that a learned prior must beat."""

import torch

from lofi.solvers.data_terms import Deconvolution
from lofi.solvers.fista import fista


def positivity_only(term: Deconvolution, iterations: int = 200, start: torch.Tensor | None = None) -> torch.Tensor:
    """`argmin data(x)` over x ≥ 0 of a deconvolution, stopped early: `iterations` is its only regularisation.

    From `start` (B, H, W), zeros if not given. Jy/pixel, (B, H, W).
    """
    start = torch.zeros_like(term.dirty) if start is None else start
    return fista(term.gradient, lambda x: x.clamp(min=0.0), start, iterations)
