"""Ways to make an image from visibilities, by name, as `config/methods/*.yaml` describes them."""

from dataclasses import dataclass

import numpy as np
import torch

from lofi.models.denoiser import Denoiser
from lofi.models.pyramid import multiscale
from lofi.options import call
from lofi.radio.beam import convolve, fit_beam
from lofi.radio.measurement import Measurement
from lofi.radio.noise import theoretical_noise
from lofi.solvers.admm import Schedule, admm
from lofi.solvers.clean import hogbom
from lofi.solvers.conjugate_gradient import inner
from lofi.solvers.data_terms import Deconvolution, least_squares_scale
from lofi.solvers.positivity import positivity_only
from lofi.solvers.total_variation import total_variation


@dataclass(frozen=True)
class Case:
    """Visibilities of B skies and what the methods may use.

    term : their data term. measurement : the visibilities themselves. weights : (M,) imaging weights of CLEAN.
    denoiser : prior of ADMM, or None. truth : (B, H, W); an oracle chooses by it, all others only record with it.
    seed : of the random orientations.
    """

    term: Deconvolution
    measurement: Measurement
    weights: np.ndarray
    denoiser: Denoiser | None
    truth: torch.Tensor
    seed: int


class Dirty:
    """The dirty image of natural weights, scaled to fit the visibilities."""

    def __call__(self, case):
        return least_squares_scale(case.term.dirty, case.term), []


class Clean:
    """Högbom's CLEAN with the imaging weights, restored, in Jy/pixel. Keywords as `lofi.solvers.clean.hogbom`."""

    def __init__(self, gain=0.1, threshold=3.0, max_iterations=100_000):
        self.options = {"gain": gain, "threshold": threshold, "max_iterations": max_iterations}

    def __call__(self, case):
        operator, weights = case.measurement.operator, case.weights
        psf = operator.psf(weights)
        beam = fit_beam(psf)
        images, steps = [], []
        pairs = zip(case.measurement.visibilities, case.measurement.scale, strict=True)
        for index, (visibilities, scale) in enumerate(pairs):
            noise = scale * theoretical_noise(weights, case.measurement.sigma)
            dirty = operator.dirty(visibilities, weights).astype(np.float32)
            components, residual, iterations = hogbom(dirty, psf.astype(np.float32), noise, **self.options)
            images.append((convolve(components, beam) + residual) / beam.area)
            steps.append({"iteration": iterations, "image": index})
            if iterations == self.options["max_iterations"]:
                print(f"CLEAN of image {index} was cut short after {iterations} components, above its threshold")
        return torch.from_numpy(np.stack(images)), steps


class Positivity:
    """Non-negative least squares, stopped after `iterations`."""

    def __init__(self, iterations=200):
        self.iterations = iterations

    def __call__(self, case):
        return positivity_only(case.term, self.iterations), []


class TotalVariation:
    """Total variation and positivity, λ = c · noise of the dirty image, stopped after `iterations`.

    strengths : c, one, or with `oracle` several, of which the truth chooses the best for each image.
    """

    def __init__(self, strengths=(1.0,), oracle=False, iterations=300):
        if len(strengths) != 1 and not oracle:
            raise ValueError(f"strengths are {list(strengths)}; expected one, unless oracle: true")
        self.strengths, self.iterations = sorted(strengths), iterations

    def __call__(self, case):
        best = least = None
        for strength in self.strengths:
            image = total_variation(case.term, strength * case.term.noise, self.iterations)
            error = inner(image - case.truth, image - case.truth)
            if best is None:
                best, least = image, error
            best = torch.where((error < least)[:, None, None], image, best)
            least = torch.minimum(error, least)
        return best, []


class Admm:
    """LoFi-ADMM from the image of positivity alone.

    model : name of the denoiser. scales : coarser scales that it sees, too (`lofi.models.pyramid`). schedule : of ADMM.
    """

    def __init__(self, model, scales=2, schedule=None):
        if not isinstance(scales, int) or scales < 0:
            raise ValueError(f"scales is {scales!r}; expected a whole number, 0 or more")
        self.model, self.scales, self.schedule = model, scales, call(Schedule, schedule or {}, "schedule")

    def __call__(self, case):
        start = positivity_only(case.term)
        denoise = multiscale(case.denoiser.denoise, self.scales)
        return admm(case.term, denoise, start, self.schedule, case.seed, case.truth)


METHODS = {"dirty": Dirty, "clean": Clean, "positivity": Positivity, "total_variation": TotalVariation, "admm": Admm}
