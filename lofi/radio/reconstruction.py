"""Images from visibilities with a denoiser as the prior: one recipe for a user's data and for simulated ones."""

import math
from dataclasses import dataclass

import numpy as np
import torch

from lofi.memory import release_freed_memory
from lofi.models.denoiser import Denoiser
from lofi.models.pyramid import SCALES, multiscale
from lofi.radio.band_term import BandTerm
from lofi.radio.coarser import coarser, coarser_mask, coarser_spacings, finer_positive
from lofi.radio.measurement import Measurement
from lofi.radio.point_search import find_points
from lofi.radio.point_sources import PointSources, without
from lofi.radio.short_spacings import ShortSpacings
from lofi.radio.spectral_index import SpectralIndex
from lofi.radio.starts import Starts
from lofi.solvers.admm import Schedule, admm


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """What was reconstructed, and from what.

    Attributes
    ----------
    images, start : of the iterations, float32 (P, H, W), Jy/pixel. trace : of `lofi.solvers.admm.admm`, and `cell`, the
        side of the pixels in those of the images.
    measurement : without the `points`, bright unresolved sources, which are not in the images; with a spectral index
        where one was found.
    """

    images: torch.Tensor
    start: torch.Tensor
    trace: list[dict]
    measurement: Measurement
    points: PointSources


def schedule_of(iterations: int | None) -> Schedule:
    """The schedule of at most so many, 2 or more; five eighths of them anneal, no more than usual. None: the usual."""
    if iterations is None:
        return Schedule()
    return Schedule(iterations=iterations, annealing=min(Schedule.annealing, iterations * 5 // 8))


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
    coarse_first: bool = False,
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
    coarse_first : whether the annealing is done on pixels twice as large, where these serve (`lofi.radio.coarser`). Not
        with a spectrum, whose time goes into the last level and the index.

    Raises ValueError where positivity alone leaves nothing to start from.
    """
    highest = math.inf if allowed is None else torch.from_numpy(np.where(allowed, np.float32(np.inf), 0)).to(device)
    starts = Starts(measurement, highest, device)
    coarse_first = coarse_first and spectrum is None and starts.coarser_serves
    start, measurement, spacings, sources = _begin(measurement, spacings, points, allowed, starts)
    del starts  # its transforms of PSFs
    truth = None if truth is None else truth / start.factor
    before, begin, origin = [], start, None
    if coarse_first:
        options = {"scales": scales, "allowed": allowed, "spacings": spacings, "device": device}
        before, begin, origin = _on_larger_pixels(
            measurement, start, highest, denoiser, schedule.annealed(), seed, **options
        )
        release_freed_memory()
        schedule = schedule.settled()
    term = start.term if spectrum is None else _band_term(start, spectrum)
    denoise = multiscale(denoiser.denoise, scales)
    images, trace = admm(term, denoise, begin.image, schedule, seed, truth, highest, origin)
    if spectrum is not None:
        measurement = term.update(images)
    for row in trace:
        row["iteration"] += before[-1]["iteration"] if before else 0
        row["sigma"] *= float(start.unit[row["image"]])
        row["cell"] = 1
    return Reconstruction(start.factor * images, start.factor * start.image, before + trace, measurement, sources)


def _on_larger_pixels(measurement, start, highest, denoiser, schedule, seed, *, allowed, spacings, **options):
    """A reconstruction on pixels twice as large: its trace, its result as a start, its start."""
    release_freed_memory()
    options |= {"allowed": None if allowed is None else coarser_mask(allowed), "spacings": coarser_spacings(spacings)}
    rough = reconstruct(coarser(measurement), denoiser, schedule, seed, **options)
    images, origin = (start.at(finer_positive(images, measurement.shape)) for images in (rough.images, rough.start))
    return [row | {"cell": 2 * row["cell"]} for row in rough.trace], images.above_zero(highest), origin.image


def _begin(measurement, spacings, points, allowed, starts):
    """The start, and the measurement, its spacings and the sources: without these, where there are some."""
    start, sources = starts.of(measurement, spacings), PointSources.at([])
    if not _has_source(measurement.dirty, allowed):
        where = "everywhere" if allowed is None else "in the whole mask"
        raise ValueError(
            f"the positive image that fits best is 0 {where}; the visibilities hold no source, or are not calibrated"
        )
    if points:

        def positive_rest(rest):
            return starts.of(rest, spacings and spacings.of_rest(rest)).janskys

        sources, rest = find_points(measurement, start.janskys, positive_rest, allowed)
        if len(sources):
            measurement = without(measurement, sources)
            spacings = spacings and spacings.of_rest(measurement, sources.flux.sum())
            start = starts.at(measurement, spacings, rest[None]).above_zero(starts.highest)
    return start, measurement, spacings, sources


def _has_source(dirty, allowed):
    """Whether the positive image that fits best is not 0: it is where no pixel of a dirty image is positive."""
    return bool((np.where(True if allowed is None else allowed, dirty, 0).max((-2, -1)) > 0).all())


def _band_term(start, spectrum):
    term, unit = start.term, float(start.unit[0])
    sums = term.noise, term.power, term.visibilities
    return BandTerm(term.convolution, term.dirty, *sums, spectrum=spectrum, unit=unit, zero=start.zero)
