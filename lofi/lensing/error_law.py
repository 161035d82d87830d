"""The whole distribution of a pixel's error: what quantiles and standard deviation leave open is filled in."""

from functools import lru_cache

import torch

from lofi.lensing.error_bars import QUANTILES

NODES = 100_000  # of a normal distribution, over which moments are taken
STEEPEST = 2.0  # of the upper tail's bend
TAIL = len(QUANTILES) - 1


def error_at(scores: torch.Tensor, quantiles: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """Errors (..., P) of pixels at normal scores (..., P): where a score is that of a quantile, the quantile.

    Between quantiles and below them an error is linear in its score. Beyond the highest it bends upwards, `c t²` with t
    the score beyond, as far as the standard deviation says: c is solved for in each pixel, 0 to `STEEPEST`.

    # ASSUME: that form. On N-body boxes it holds to 5 % of the score from 0.01 to 99.99 % of the pixels.

    Parameters
    ----------
    quantiles : (P, 5), of `QUANTILES`, in order. std : (P,), root of the mean squared error.
    """
    below, along = _place(scores)
    low, high = (
        quantiles.T.expand(*scores.shape[:-1], -1, -1).gather(-2, at[..., None, :])[..., 0, :]
        for at in (below, below + 1)
    )
    bend, beyond = _bend(quantiles, std), (scores - _scores()[TAIL]).clamp(min=0)
    return torch.lerp(low, high, along) + bend * beyond**2


def _scores():
    return torch.special.ndtri(torch.tensor(QUANTILES))


def _place(scores):
    """The quantile below each score, 0 to 3, and how far it is to the next: below 0 and above 1 outside."""
    known = _scores()
    below = (torch.searchsorted(known, scores.contiguous()) - 1).clamp(0, TAIL - 1)
    return below, (scores - known[below]) / (known[below + 1] - known[below])


def _bend(quantiles, std):
    """c (P,) that gives the law the mean square std²: `qᵀ A q + 2 c bᵀ q + c² m = std²`."""
    linear, mixed, fourth = _moments()
    constant = torch.einsum("pi,ij,pj->p", quantiles, linear, quantiles) - std**2
    middle = quantiles @ mixed
    root = (middle**2 - fourth * constant).clamp(min=0).sqrt()
    return ((root - middle) / fourth).clamp(min=0).minimum(STEEPEST * (quantiles[:, TAIL] - quantiles[:, TAIL - 1]))


@lru_cache(maxsize=1)
def _moments():
    scores = torch.special.ndtri((torch.arange(NODES, dtype=torch.float64) + 0.5) / NODES).float()
    below, along = _place(scores)
    parts = torch.zeros(NODES, len(QUANTILES))
    parts.scatter_(1, torch.stack([below, below + 1], dim=1), torch.stack([1 - along, along], dim=1))
    tail = (scores - _scores()[TAIL]).clamp(min=0) ** 2
    parts, tail = parts.double(), tail.double()
    moments = parts.T @ parts / NODES, parts.T @ tail / NODES, tail @ tail / NODES
    return tuple(moment.float() for moment in moments)
