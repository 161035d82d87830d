"""Ways to make an image from visibilities, by name, as `config/methods/*.yaml` describes them.

A method is called with a `Case` and returns images (P, H, W) in Jy/pixel, and the rows of its trace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from lofi.models.denoiser import Denoiser
from lofi.models.pyramid import SCALES
from lofi.options import call
from lofi.radio.measurement import Measurement
from lofi.radio.products import imaging, restored
from lofi.radio.reconstruction import reconstruct
from lofi.radio.starts import data_term
from lofi.solvers.admm import Schedule
from lofi.solvers.clean import hogbom
from lofi.solvers.conjugate_gradient import inner
from lofi.solvers.data_terms import least_squares_scale
from lofi.solvers.positivity import positivity_only
from lofi.solvers.total_variation import total_variation

Images = tuple[torch.Tensor, list[dict]]


@dataclass(frozen=True, eq=False)
class Case:
    """Visibilities of P skies and what the methods may use.

    measurement : the visibilities. weighting : of CLEAN, keywords of `Measurement.weighting`.
    denoiser : prior of ADMM, or None. truth : (P, H, W); an oracle chooses by it, all others only record with it.
    seed : of the random orientations. device : of denoiser, truth and images.
    """

    measurement: Measurement
    weighting: Mapping
    denoiser: Denoiser | None
    truth: torch.Tensor
    seed: int
    device: torch.device


class Dirty:
    """The dirty image of natural weights, scaled to fit the visibilities."""

    def __call__(self, case: Case) -> Images:
        term = data_term(case.measurement, case.device)
        return least_squares_scale(term.dirty, term), []


class Clean:
    """Högbom's CLEAN with the imaging weights, restored, in Jy/pixel. Keywords as `lofi.solvers.clean.hogbom`."""

    def __init__(self, gain: float = 0.1, threshold: float = 3.0, max_iterations: int = 100_000):
        self.options = {"gain": gain, "threshold": threshold, "max_iterations": max_iterations}

    def __call__(self, case: Case) -> Images:
        imaged = imaging(case.measurement, **case.weighting)
        psf = case.measurement.doubled_psf(imaged.weighting).astype(np.float32)
        images, trace = [], []
        for index, (dirty, noise) in enumerate(zip(imaged.dirty.astype(np.float32), imaged.noise, strict=True)):
            components, residual, iterations = hogbom(dirty, psf, float(noise), **self.options)
            images.append(restored(components, residual, imaged.beam) / imaged.beam.area)
            trace.append({"iteration": iterations, "image": index})
            if iterations == self.options["max_iterations"]:
                print(f"CLEAN of image {index} was cut short after {iterations} components, above its threshold")
        return torch.from_numpy(np.stack(images)), trace


class Positivity:
    """Non-negative least squares, stopped after `iterations`."""

    def __init__(self, iterations: int = 200):
        self.iterations = iterations

    def __call__(self, case: Case) -> Images:
        return positivity_only(data_term(case.measurement, case.device), self.iterations), []


class TotalVariation:
    """Total variation and positivity, λ = c · noise of the dirty image, stopped after `iterations`.

    strengths : c, one, or with `oracle` several, of which the truth chooses the best for each image.
    """

    def __init__(self, strengths: Sequence[float] = (1.0,), oracle: bool = False, iterations: int = 300):
        if len(strengths) != 1 and not oracle:
            raise ValueError(f"strengths are {list(strengths)}; expected one, unless oracle: true")
        self.strengths, self.iterations = sorted(strengths), iterations

    def __call__(self, case: Case) -> Images:
        term = data_term(case.measurement, case.device)
        reconstructions = [total_variation(term, c * term.noise, self.iterations) for c in self.strengths]
        errors = torch.stack([inner(image - case.truth, image - case.truth) for image in reconstructions])
        chosen = errors.argmin(0)
        return torch.stack(reconstructions)[chosen, torch.arange(len(chosen), device=chosen.device)], []


class Admm:
    """LoFi-ADMM from the image of positivity alone.

    model : name of the denoiser. scales : coarser scales that it sees, too (`lofi.models.pyramid`). schedule : of ADMM.
    """

    def __init__(self, model: str, scales: int = SCALES, schedule: Mapping | None = None):
        if not isinstance(scales, int) or scales < 0:
            raise ValueError(f"scales is {scales!r}; expected a whole number, 0 or more")
        self.model, self.scales, self.schedule = model, scales, call(Schedule, schedule or {}, "schedule")

    def __call__(self, case: Case) -> Images:
        options = {"scales": self.scales, "device": case.device, "truth": case.truth}
        reconstruction = reconstruct(case.measurement, case.denoiser, self.schedule, case.seed, **options)
        return reconstruction.images, reconstruction.trace


METHODS = {"dirty": Dirty, "clean": Clean, "positivity": Positivity, "total_variation": TotalVariation, "admm": Admm}
