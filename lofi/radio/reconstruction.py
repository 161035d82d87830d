"""Images from visibilities with a denoiser as the prior: one recipe for a user's data and for simulated ones."""

import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch

from lofi.memory import release_freed_memory
from lofi.models.denoiser import Denoiser
from lofi.models.pyramid import SCALES, multiscale
from lofi.radio.band_term import BandTerm
from lofi.radio.measurement import Measurement
from lofi.radio.point_search import find_points
from lofi.radio.point_sources import PointSources, without
from lofi.radio.short_spacings import ShortSpacings
from lofi.radio.spectral_index import SpectralIndex
from lofi.radio.zero_spacing import ZeroSpacing, data_image, normal_operator, zero_spacing
from lofi.solvers.admm import Schedule, admm
from lofi.solvers.conjugate_gradient import per_image
from lofi.solvers.data_terms import Deconvolution
from lofi.solvers.major_cycles import MajorCycles
from lofi.solvers.positivity import positivity_in_cycles, positivity_only

EVEN, NATURAL = 400, 100  # iterations of a start with a total flux, in uniform and then in natural weights
NO_ZERO_SPACING = ZeroSpacing()
ORDINARY = 20  # peaks from 2^-20 to 2^20 Jy/beam need no other unit in single precision


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """What was reconstructed, and from what.

    Attributes
    ----------
    images, start : of the iterations, float32 (P, H, W), Jy/pixel. trace : of `lofi.solvers.admm.admm`.
    measurement : without the `points`, bright unresolved sources, which are not in the images; with a spectral index
        where one was found.
    """

    images: torch.Tensor
    start: torch.Tensor
    trace: list[dict]
    measurement: Measurement
    points: PointSources


def schedule_of(iterations: int | None) -> Schedule:
    """The schedule of at most so many, 2 or more: five eighths of them, at most 15, anneal. None: the usual one."""
    if iterations is None:
        return Schedule()
    return Schedule(iterations=iterations, annealing=min(Schedule.annealing, iterations * 5 // 8))


def data_term(
    measurement: Measurement,
    device: torch.device | str = "cpu",
    unit: np.ndarray | float = 1.0,
    zero: ZeroSpacing = NO_ZERO_SPACING,
) -> Deconvolution:
    """The data term of P skies in single precision, in units of `unit` (P,) Jy; with major cycles for the w-term."""
    unit = np.broadcast_to(unit, len(measurement.noise))
    noise, power = measurement.noise / unit, zero.power(measurement.power) / unit**2
    dirty = data_image(measurement, zero, unit, device)
    arguments = measurement.psf + zero.weight, dirty, noise, power, measurement.count
    if measurement.exact:
        return Deconvolution(*arguments)
    return MajorCycles(*arguments, normal=normal_operator(measurement, zero))


def reconstruct(
    measurement: Measurement,
    denoiser: Denoiser,
    schedule: Schedule,
    seed: int,
    *,
    scales: int = SCALES,
    points: bool = False,
    allowed: np.ndarray | None = None,
    spectrum: SpectralIndex | None = None,
    spacings: ShortSpacings | None = None,
    device: torch.device | str = "cpu",
    truth: torch.Tensor | None = None,
) -> Reconstruction:
    """LoFi-ADMM of P skies, from the image of positivity alone.

    Parameters
    ----------
    denoiser : on the `device`. scales : coarser scales that it also sees (`lofi.models.pyramid`).
    seed : of the random orientations. points : whether bright unresolved sources of one sky are taken out first.
    allowed : (H, W) bool, where there may be emission; None: everywhere.
    spectrum : of one sky; it is found on the way, and the images are those at its reference frequency.
    spacings : what is known of the total flux of one sky; None: the coverage tells it.
    truth : (P, H, W), Jy/pixel; it only adds `snr` to the trace.

    Raises ValueError where positivity alone leaves nothing to start from.
    """
    highest = math.inf if allowed is None else torch.from_numpy(np.where(allowed, np.float32(np.inf), 0)).to(device)

    def positive(measurement, spacings):
        return _start(measurement, spacings, highest, device)

    start, sources = positive(measurement, spacings), PointSources.at([])
    if not _has_source(measurement.dirty, allowed):
        where = "everywhere" if allowed is None else "in the whole mask"
        raise ValueError(
            f"the positive image that fits best is 0 {where}; the visibilities hold no source, or are not calibrated"
        )
    if points:

        def positive_rest(rest):
            return positive(rest, spacings and spacings.of_rest(rest)).janskys

        sources = find_points(measurement, start.janskys, positive_rest, allowed)
        if len(sources):
            measurement = without(measurement, sources)
            spacings = spacings and spacings.of_rest(measurement, sources.flux.sum())
            start = positive(measurement, spacings).above_zero(highest)
    truth = None if truth is None else truth / start.factor
    denoise = multiscale(denoiser.denoise, scales)
    term = start.term if spectrum is None else _band_term(start, spectrum)
    images, trace = admm(term, denoise, start.image, schedule, seed, truth, highest)
    if spectrum is not None:
        measurement = term.update(images)
    for row in trace:
        row["sigma"] *= float(start.unit[row["image"]])
    return Reconstruction(start.factor * images, start.factor * start.image, trace, measurement, sources)


@dataclass(frozen=True, eq=False)
class _Start:
    """A data term and its positive image (P, H, W), both in `unit` (P,) Jy."""

    term: Deconvolution
    zero: ZeroSpacing
    image: torch.Tensor
    unit: np.ndarray

    @property
    def factor(self) -> torch.Tensor:
        return per_image(torch.from_numpy(self.unit.astype(np.float32)).to(self.image.device))

    @property
    def janskys(self) -> np.ndarray:
        """The image (H, W) of the first sky, Jy/pixel."""
        return (self.factor * self.image)[0].cpu().numpy().astype(np.float64)

    def above_zero(self, highest: float | torch.Tensor) -> Self:
        """The same, of the noise's level where the image is 0 everywhere: a schedule starts at a peak."""
        level = per_image(self.term.heuristic).to(self.image).expand_as(self.image).clamp(max=highest)
        return replace(self, image=torch.where(self.image.amax((-2, -1), keepdim=True) > 0, self.image, level))


def _start(measurement, spacings, highest, device):
    unit = _unit(measurement.dirty)
    zero = zero_spacing(measurement, spacings)
    term = data_term(measurement, device, unit, zero)
    release_freed_memory()
    start = positivity_only if measurement.exact else positivity_in_cycles
    if spacings is None or spacings.flux is None or spacings.hole is None:
        return _Start(term, zero, start(term, highest=highest), unit)
    # Uniform weights: all measured modes converge as fast, and so does the size of the source.
    flux, uniform = spacings.flux.jansky / unit[0], measurement.weighting("uniform")
    even = _flat(measurement, measurement.doubled_psf(uniform), measurement.psf_and_dirty(uniform)[1], unit, device)
    image = positivity_only(even, EVEN, highest=highest, flux=flux)
    if measurement.exact:
        return _Start(term, zero, positivity_only(term, NATURAL, image, highest, flux), unit)
    return _Start(term, zero, positivity_in_cycles(term, start=image, highest=highest, flux=flux), unit)


def _has_source(dirty, allowed):
    """Whether the positive image that fits best is not 0: it is where no pixel of a dirty image is positive."""
    return bool((np.where(True if allowed is None else allowed, dirty, 0).max((-2, -1)) > 0).all())


def _flat(measurement, psf, dirty, unit, device):
    """A term without the w-term, of which only the gradient is used."""
    dirty = torch.from_numpy((dirty / unit[:, None, None]).astype(np.float32)).to(device)
    return Deconvolution(psf, dirty, measurement.noise / unit, measurement.power / unit**2, measurement.count)


def _band_term(start, spectrum):
    term, unit = start.term, float(start.unit[0])
    sums = term.noise, term.power, term.visibilities
    return BandTerm(term.convolution, term.dirty, *sums, spectrum=spectrum, unit=unit, zero=start.zero)


def _unit(dirty: np.ndarray) -> np.ndarray:
    """Jy (P,): 1, or, of an extreme dirty image, the power of 2 above its peak. Squares stay in single precision."""
    _, exponent = np.frexp(np.abs(dirty).max((-2, -1)))
    return np.where(np.abs(exponent) > ORDINARY, np.ldexp(1.0, exponent), 1.0)
