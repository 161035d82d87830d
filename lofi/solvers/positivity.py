"""Positivity alone: non-negative least squares, the control that a learned prior must beat."""

import torch

from lofi.solvers.data_terms import Deconvolution
from lofi.solvers.fista import fista
from lofi.solvers.major_cycles import MajorCycles


def positivity_only(term: Deconvolution, iterations: int = 200, start: torch.Tensor | None = None) -> torch.Tensor:
    """`argmin data(x)` over x ≥ 0 of a deconvolution, stopped early: `iterations` is its only regularisation.

    From `start` (B, H, W), zeros if not given. Jy/pixel, (B, H, W).
    """
    start = torch.zeros_like(term.dirty) if start is None else start
    return fista(term.gradient, lambda x: x.clamp(min=0.0), start, iterations)


def positivity_in_cycles(term: MajorCycles, cycles: int = 4, iterations: int = 50) -> torch.Tensor:
    """The same by iterations between applications of the exact operator, as long as χ² falls. Jy/pixel, (B, H, W)."""
    best, lowest = torch.zeros_like(term.dirty), None
    for _ in range(cycles):
        image = positivity_only(term, iterations, best)
        term.expand(image)
        chi2 = term.chi2(image)
        if lowest is not None and not (chi2 < lowest).all():
            break
        best, lowest = image, chi2
    return best
