"""Ways to fill in missing pixels, by name, as `config/inpaintings.yaml` describes them."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from lofi.admm import admm
from lofi.data_terms import Inpainting
from lofi.denoiser import Denoiser
from lofi.imaging.total_variation import TotalVariationProx
from lofi.inpainting.fills import biharmonic, delaunay, held_out_error
from lofi.inpainting.schedule import FillSchedule
from lofi.options import call
from lofi.pyramid import multiscale
from simulations.seeds import stream

ERRORS = (0.01, 0.15)  # lowest and highest first level that the error of the start may ask for
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
        schedule = FillSchedule(level, level[0].item(), self.iterations, 1, orientations=False)
        images, trace = admm(case.term(), lambda z, sigma: prox(z), start, schedule, 0, case.tensor(case.truth))
        return case.kept(images), trace


class Admm:
    """LoFi-ADMM, the seen pixels kept.

    model : name of the denoiser. start : biharmonic | zero. first : first level, or `error`: what the start misses on
    held-out seen pixels, within ERRORS. scales : coarser scales that the denoiser also sees (`lofi.pyramid`).
    schedule : as `lofi.inpainting.schedule.FillSchedule`.
    """

    def __init__(self, model, start="biharmonic", first="error", scales=0, schedule=None):
        if start not in ("biharmonic", "zero"):
            raise ValueError(f"start is {start!r}; expected biharmonic or zero")
        if first == "error" and start == "zero":
            raise ValueError("first: error is that of a biharmonic start; from zero, give a level")
        if first != "error" and not (isinstance(first, float) and first > 0):
            raise ValueError(f"first is {first!r}; expected error or a positive level")
        if not isinstance(scales, int) or scales < 0:
            raise ValueError(f"scales is {scales!r}; expected a whole number, 0 or more")
        self.model, self.start, self.first, self.scales = model, start, first, scales
        self.schedule = call(FillSchedule, schedule or {}, "schedule", torch.ones(1))

    def __call__(self, case):
        start = case.each(biharmonic) if self.start == "biharmonic" else np.zeros_like(case.observed)
        schedule = replace(self.schedule, first=torch.tensor(self._levels(case)))
        denoise = multiscale(case.denoiser.denoise, self.scales)
        truth, start = case.tensor(case.truth), case.tensor(start)
        images, trace = admm(case.term(), denoise, start, schedule, case.seed(), truth, BRIGHTEST)
        return case.kept(images), trace

    def _levels(self, case):
        if self.first != "error":
            return [float(self.first)] * len(case.observed)
        pairs = enumerate(zip(case.observed, case.mask, strict=True))
        errors = [held_out_error(biharmonic, *pair, stream(*case.name, "held out", i)) for i, pair in pairs]
        return np.clip(errors, *ERRORS).tolist()


FILLS = {"delaunay": Delaunay, "biharmonic": Biharmonic, "total_variation": TotalVariation, "admm": Admm}
