"""Ways to fill in missing pixels, by name, as `config/inpaintings.yaml` describes them."""

import sys
from dataclasses import dataclass, replace

import numpy as np
import torch

from lofi.models.denoiser import Denoiser
from lofi.models.pyramid import multiscale
from lofi.options import call
from lofi.seeds import stream
from lofi.solvers.admm import admm
from lofi.solvers.data_terms import Inpainting
from lofi.solvers.fill_schedule import FillSchedule
from lofi.solvers.fills import biharmonic, delaunay, held_out, mixing_weight
from lofi.solvers.total_variation import TotalVariationProx

ERRORS = (0.001, 0.15)  # lowest and highest first level that the error of the start may ask for
BRIGHTEST = 1.0


@dataclass(frozen=True)
class Case:
    """B pictures with missing pixels, and what the fills may use.

    observed : (B, H, W), from 0 to BRIGHTEST, float32, 0 where missing. mask : (B, H, W) bool, true where seen.
    denoiser : prior of ADMM, or None. truth : (B, H, W), recorded with only. name : of the random streams.
    device : where ADMM runs.
    """

    observed: np.ndarray
    mask: np.ndarray
    denoiser: Denoiser | None
    truth: np.ndarray
    name: list
    device: torch.device

    def tensor(self, images):
        return torch.from_numpy(np.ascontiguousarray(images, np.float32)).to(self.device)

    def each(self, fill):
        """`fill(observed, mask)` of every picture, cut off below 0 and above BRIGHTEST."""
        return np.stack([fill(*pair) for pair in zip(self.observed, self.mask, strict=True)]).clip(0, BRIGHTEST)

    def term(self):
        """Seen pixels without noise."""
        observed = self.tensor(self.observed)
        return Inpainting(observed, torch.from_numpy(self.mask).to(self.device), [0.0] * len(observed))

    def seed(self):
        return int(stream(*self.name, "orientations").integers(2**32))

    def kept(self, images):
        """The images with the seen pixels put back."""
        return np.where(self.mask, self.observed, images.float().cpu().numpy())


class Delaunay:
    """Linear between seen pixels."""

    def __call__(self, case):
        return case.each(delaunay), []


class Biharmonic:
    """The smoothest surface through the seen pixels."""

    def __call__(self, case):
        return case.each(biharmonic), []


class TotalVariation:
    """The fill of least total variation: ADMM with its proximal map, from the biharmonic fill; free of parameters once
    it has converged.

    strength : of the proximal map, which changes the way and not the end. iterations : of ADMM.
    """

    def __init__(self, strength=0.03, iterations=300):
        self.strength, self.iterations = strength, iterations

    def __call__(self, case):
        start = case.tensor(case.each(biharmonic))
        level = torch.full((len(start),), self.strength)
        prox = TotalVariationProx(start, level, iterations=10)
        schedule = FillSchedule(level, 1.0, self.iterations, 1, orientations=False)
        images, trace = admm(case.term(), lambda z, sigma: prox(z), start, schedule, 0, case.tensor(case.truth))
        return case.kept(images), trace


class Admm:
    """LoFi-ADMM, the seen pixels kept.

    model : name of the denoiser. start : biharmonic | zero. first : first level, or `error`: what the start misses on
    held-out seen pixels, within ERRORS. mixed : whether the result is the mixture of start and ADMM that serves
    held-out pixels best, found by a second ADMM that does not see them. scales : coarser scales that the denoiser also
    sees (`lofi.models.pyramid`). schedule : as `lofi.solvers.fill_schedule.FillSchedule`.
    """

    def __init__(self, model, start="biharmonic", first="error", mixed=True, scales=0, schedule=None):
        if start not in ("biharmonic", "zero"):
            raise ValueError(f"start is {start!r}; expected biharmonic or zero")
        if start == "zero" and (first == "error" or mixed):
            raise ValueError("start: zero needs a level as first, and mixed: false")
        if first != "error" and not (isinstance(first, float) and first > 0):
            raise ValueError(f"first is {first!r}; expected error or a positive level")
        if not isinstance(scales, int) or scales < 0:
            raise ValueError(f"scales is {scales!r}; expected a whole number, 0 or more")
        self.model, self.start, self.first, self.mixed, self.scales = model, start, first, mixed, scales
        self.schedule = call(FillSchedule, schedule or {}, "schedule", torch.ones(1))

    def __call__(self, case):
        if self.start == "zero":
            return self._iterate(case, np.zeros_like(case.observed), [self.first] * len(case.observed))
        start, fewer, tests = case.each(biharmonic), case.mask.copy(), []
        for i, mask in enumerate(case.mask):
            places, fewer[i] = held_out(mask, stream(*case.name, "held out", i))
            tests.append((i, places))
        less = replace(case, mask=fewer, observed=np.where(fewer, case.observed, 0))
        less_start, first = less.each(biharmonic), [self.first] * len(start)
        if self.first == "error":
            errors = [(less_start[i] - case.observed[i]).flat[places] for i, places in tests]
            first = [float(np.clip(np.sqrt(np.mean(error**2)), *ERRORS)) for error in errors]
        filled, trace = self._iterate(case, start, first)
        if not self.mixed:
            return filled, trace
        less_filled, _ = self._iterate(less, less_start, first)
        for i, places in tests:
            weight = mixing_weight(*(image[i].flat[places] for image in (less_start, less_filled, case.observed)))
            filled[i] = np.where(case.mask[i], case.observed[i], start[i] + weight * (filled[i] - start[i]))
            print(f"mixed with the start: weight {weight:.2f}", file=sys.stderr)
        return filled.clip(0, BRIGHTEST), trace

    def _iterate(self, case, start, first):
        schedule = replace(self.schedule, first=torch.tensor(first))
        denoise = multiscale(case.denoiser.denoise, self.scales)
        start, truth = case.tensor(start), case.tensor(case.truth)
        images, trace = admm(case.term(), denoise, start, schedule, case.seed(), truth, BRIGHTEST)
        return case.kept(images), trace


FILLS = {"delaunay": Delaunay, "biharmonic": Biharmonic, "total_variation": TotalVariation, "admm": Admm}
