"""Levels of ADMM where the data have no noise that could set them."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from lofi.solvers.admm import check_schedule, falling
from lofi.solvers.data_terms import DataTerm


@dataclass(frozen=True)
class FillSchedule:
    """The denoiser's level falls from the error of the start to a fraction of it; the penalty is constant.

    first : (B,) levels of the first iteration: the error of the start, in units of the images.
    last : level from iteration `annealing` on, as a fraction of `first`.
    iterations, annealing, orientations : as of `lofi.solvers.admm.Schedule`.
    penalty : α of the data term, next to nothing so that seen pixels stay as they are.
    # ASSUME: the defaults; the paper starts from zeros with a denoiser of one level, α = 0.05 and 90 iterations.
    """

    first: torch.Tensor
    last: float = 0.1
    iterations: int = 16
    annealing: int = 8
    penalty: float = 1e-6
    orientations: bool = True
    relaxation, averaged, tolerance = 1.0, 1, 0.0  # the last image is the result, after all iterations

    def __post_init__(self):
        check_schedule(self, "last", "penalty")
        if not (self.first > 0).all():
            raise ValueError("ADMM: the first level of the denoiser is not positive")

    def levels(self, start: torch.Tensor, term: DataTerm) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Level and penalty (B,), float64, of one iteration after the other."""
        first = self.first.to(start.device, torch.float64)
        for iteration in range(self.iterations):
            sigma = falling(first, self.last * first, iteration, self.annealing)
            yield sigma, torch.full_like(sigma, self.penalty)
