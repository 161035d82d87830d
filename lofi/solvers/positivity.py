"""Positivity alone: non-negative least squares, the control that a learned prior must beat."""

import math

import torch

from lofi.solvers.conjugate_gradient import per_image
from lofi.solvers.data_terms import Deconvolution
from lofi.solvers.fista import fista
from lofi.solvers.major_cycles import SHIFT, MajorCycles

LEAST_GAIN = 0.05  # of χ², in a major cycle
MANY, STRIDE = 2**14, 64  # pixels, of which a part is looked at first


def positivity_only(
    term: Deconvolution,
    iterations: int = 200,
    start: torch.Tensor | None = None,
    highest: float | torch.Tensor = math.inf,
    flux: float | None = None,
    tolerance: float = 0.0,
) -> torch.Tensor:
    """`argmin data(x)` over x ≥ 0 of a deconvolution, stopped early: `iterations` is its only regularisation.

    From `start` (B, H, W), zeros if not given; nowhere above `highest`, a number or (H, W). Where a `flux` is given, it
    is the image's sum, and `highest` only tells where there may be some. tolerance : of `fista`. Jy/pixel, (B, H, W).
    """
    start = torch.zeros_like(term.dirty) if start is None else start
    return fista(term.gradient, _bounds(highest, flux), start, iterations, tolerance)


def positivity_in_cycles(
    term: MajorCycles,
    cycles: int = 24,
    iterations: int = 15,
    start: torch.Tensor | None = None,
    highest: float | torch.Tensor = math.inf,
    flux: float | None = None,
) -> torch.Tensor:
    """The same where the exact operator is applied once in so many `iterations`. Jy/pixel, (B, H, W).

    In between the image is held near the last one that it was applied to, by a term that grows when χ² does not fall.
    """
    between = _bounds(highest, flux)
    best, lowest, shift = torch.zeros_like(term.dirty) if start is None else start, None, SHIFT
    if start is not None:
        term.expand(start)
    for _ in range(cycles):

        def gradient(x, near=best, shift=shift):
            return (term.gradient(x) + shift * (x - near)) / (1 + shift)

        image = fista(gradient, between, best, iterations)
        term.expand(image)
        chi2 = term.chi2(image).max()
        if lowest is not None and lowest * (1 - LEAST_GAIN) < chi2 <= lowest:
            return image
        if lowest is None or chi2 < lowest:
            best, lowest = image, chi2
        else:
            shift *= 4
            term.expand(best)
    return best


def on_simplex(images: torch.Tensor, flux: float) -> torch.Tensor:
    """The nearest images (B, H, W) that are not negative and whose sum is `flux` > 0; −inf is never positive.

    One number is taken from all pixels that stay positive; it rises until no more of them drop out (Michelot 1986).
    """
    taken = torch.stack([_taken(image.flatten(), flux) for image in images])
    return (images - per_image(taken.to(images))).clamp(min=0.0)


def _taken(pixels, flux):
    """The number that is taken from each of the pixels (N,)."""
    least = -math.inf
    if len(pixels) > MANY:  # Newton's step from the number of some pixels ends below that of all
        some = pixels[::STRIDE]
        if (some > -math.inf).any():
            least = _below(pixels[pixels > _taken(some, flux / STRIDE)], flux)
    pixels = pixels[pixels > least]
    largest = pixels.max()  # stays: the flux is positive, whatever rounding says
    while True:
        taken = _below(pixels, flux)
        kept = pixels[(pixels > taken) | (pixels == largest)]
        if len(kept) == len(pixels):
            return taken
        pixels = kept


def _below(pixels, flux):
    """What leaves the flux in these pixels (N,), where none drops out: at most what is taken from all; −inf of none."""
    return (pixels.sum(dtype=torch.float64) - flux) / len(pixels) if len(pixels) else -math.inf


def _bounds(highest, flux):
    if flux is None:
        return lambda x: x.clamp(min=0.0).clamp(max=highest)
    return lambda x: on_simplex(torch.where(torch.as_tensor(highest, device=x.device) > 0, x, -math.inf), flux)
