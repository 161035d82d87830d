"""LoFi-ADMM: a denoiser as the prior of a linear inverse problem, with no parameter chosen on the truth.

Scaled ADMM (paper Algorithm 1 and S-I-E): with a data term `d`, a denoiser `D` and the dual image u,

    f ← argmin d(f) + α/2 ‖f − (v − u)‖²,    v ← D(f + u, σ),    u ← u + f − v

(the paper prints `f − u` in the denoiser; that sign is inconsistent with its own updates). With a relaxation ρ above 1
the last two take `ρ f + (1 − ρ) v` for f, with the v before them (Boyd et al. 2011, §3.4.3). The level σ falls from a
fraction of the peak to a multiple of the level at which a denoiser matches the measurement, `term.heuristic`, and α
follows from half-quadratic splitting, `α ∝ (heuristic/σ)²`: both come from the noise and the operator. At the last
level the images go on until their running mean no longer moves; it is the result.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import torch

from lofi.solvers.data_terms import DataTerm
from lofi.solvers.running_mean import RunningMean, norm


@dataclass(frozen=True)
class Schedule:
    """Levels and penalties of the iterations.

    iterations : at most. annealing : the first ones, in which σ falls geometrically.
    first : σ at the start, as a fraction of the peak of the start image.
    last : σ at the end, as a multiple of `term.heuristic`. penalty : α in units of `(heuristic/σ)²`.
    relaxation : ρ, below 2; 1.6 needs half as many iterations as 1.
    orientations : whether the denoiser sees its input randomly flipped and turned.
    averaged, tolerance : of the running mean (`lofi.solvers.running_mean`).
    # ASSUME: the defaults; the paper sets α and the iterations by hand for each problem.
    """

    iterations: int = 80
    annealing: int = 24
    first: float = 0.05
    last: float = 3.0
    penalty: float = 0.4
    relaxation: float = 1.6
    orientations: bool = True
    averaged: int = 8
    tolerance: float = 0.015

    def __post_init__(self):
        check_schedule(self, "first", "last", "penalty", "averaged")
        if not 0 < self.relaxation < 2:
            raise ValueError(f"ADMM: relaxation is {self.relaxation!r}; expected a number between 0 and 2")
        if not self.tolerance >= 0:
            raise ValueError(f"ADMM: tolerance is {self.tolerance!r}; expected 0 or a positive number")

    def annealed(self) -> Self:
        """Its annealing alone."""
        return replace(self, iterations=self.annealing)

    def settled(self) -> Self:
        """At most half of the others, all at the last level, for images that are nearly there."""
        rest = max(1, (self.iterations - self.annealing) // 2)
        return replace(self, iterations=rest, annealing=1, first=_NOWHERE)

    def sigma(self, iteration: int, peak: torch.Tensor, heuristic: torch.Tensor) -> torch.Tensor:
        """Level (B,) of an iteration, from 0; never rises."""
        end = self.last * heuristic
        return falling(torch.maximum(self.first * peak, end), end, iteration, self.annealing)

    def levels(self, start: torch.Tensor, term: DataTerm) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Level σ and penalty α (B,), float64, of one iteration after the other, for the problems of `term`."""
        peak = start.amax((-2, -1)).double()
        if not (peak > 0).all():
            raise ValueError("ADMM: the start image is 0 everywhere; the data hold no positive signal")
        heuristic = term.heuristic.to(peak)
        if not (heuristic > 0).all():
            raise ValueError("ADMM: the noise of the data must be positive; it sets the levels of the denoiser")
        for iteration in range(self.iterations):
            sigma = self.sigma(iteration, peak, heuristic)
            yield sigma, self.penalty * (heuristic / sigma) ** 2


_NOWHERE = 1e-12  # of the peak: below every last level


def check_schedule(schedule: Any, *positive: str) -> None:
    """ValueError, one sentence, if the annealing or a field that must be positive is out of its range."""
    if not 0 < schedule.annealing <= schedule.iterations:
        raise ValueError(f"ADMM: annealing is {schedule.annealing}; expected 1 to iterations, {schedule.iterations}")
    for name in positive:
        if not getattr(schedule, name) > 0:
            raise ValueError(f"ADMM: {name} is {getattr(schedule, name)!r}; expected a positive number")


def falling(start: torch.Tensor, end: torch.Tensor, iteration: int, annealing: int) -> torch.Tensor:
    """Geometrically from `start` to `end` in the first `annealing` iterations, counted from 0; then `end`."""
    part = min(1.0, iteration / max(1, annealing - 1))
    return start ** (1 - part) * end**part


def admm(
    term: DataTerm,
    denoise: Callable,
    start: torch.Tensor,
    schedule: Schedule,
    seed: int,
    truth: torch.Tensor | None = None,
    highest: float | torch.Tensor = math.inf,
    origin: torch.Tensor | None = None,
) -> tuple[torch.Tensor, list[dict]]:
    """Images (B, H, W), not negative, from a data term and a denoiser; and the trace of the way there.

    Parameters
    ----------
    term : a `lofi.solvers.data_terms.DataTerm` of B images.
    denoise : `denoise(images (B, H, W), sigma (B,)) → (B, H, W)`.
    start : (B, H, W), such as the reconstruction with positivity alone.
    schedule : `Schedule`, or another with its `levels`, `iterations`, `annealing`, `relaxation`, `orientations`,
        `averaged` and `tolerance`.
    seed : of the random orientations.
    truth : (B, H, W) or None; it only adds `snr` to the trace.
    highest : of the images' values, where it is known; a number or (H, W), 0 where there can be nothing.
    origin : (B, H, W), from which the whole way is measured whose end `tolerance` tells; None: the start.

    Returns
    -------
    Running means of v, and a list of {iteration, image, sigma, alpha, chi2, change, cg_iterations, data_seconds,
    denoiser_seconds[, snr]}, one for each iteration and image that is not done: χ²/M and relative change of v, seconds
    per image; and what else the term's `prox` tells.
    """
    generator = torch.Generator().manual_seed(seed)
    f, v, u = start, start, torch.zeros_like(start)
    length = min(schedule.averaged, max(1, (schedule.iterations - schedule.annealing) // 2))
    mean = RunningMean(start if origin is None else origin, schedule.annealing, length, schedule.tolerance)
    trace = []
    for iteration, (sigma, alpha) in enumerate(schedule.levels(start, term), 1):
        clock = time.perf_counter()
        f, solved = term.prox(v - u, alpha, start=f)
        relaxed = torch.lerp(v, f, schedule.relaxation)
        middle = time.perf_counter()
        turn = int(torch.randint(8, (), generator=generator)) if schedule.orientations else 0
        new = _turned(denoise(_turned(relaxed + u, turn), sigma.to(f)), turn, back=True)
        new = new.clamp(min=0.0).clamp(max=highest)
        end = time.perf_counter()
        u = u + relaxed - new
        change = norm(new - v) / norm(new).clamp(min=torch.finfo(new.dtype).tiny)
        v = new
        columns = {"sigma": sigma, "alpha": alpha, "chi2": term.chi2(v), "change": change} | solved
        if truth is not None:
            columns["snr"] = 20 * torch.log10(norm(truth) / norm(truth - v))
        seconds = {"data_seconds": (middle - clock) / len(v), "denoiser_seconds": (end - middle) / len(v)}
        for image in mean.moving.nonzero().flatten().tolist():
            row = {name: values[image].item() for name, values in columns.items()}
            trace.append({"iteration": iteration, "image": image, **row, **seconds})
        if not mean.add(v, iteration):
            break
    return mean.images, trace


def _turned(images, orientation, back=False):
    """One of the eight orientations of square pixels, and the way back."""
    quarter, flip = orientation % 4, orientation >= 4
    if back:
        images = torch.rot90(images, -quarter, (-2, -1))
        return images.flip(-1) if flip else images
    images = images.flip(-1) if flip else images
    return torch.rot90(images, quarter, (-2, -1))
