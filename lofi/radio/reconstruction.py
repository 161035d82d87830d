"""Images from visibilities with a denoiser as the prior: one recipe for a user's data and for simulated ones."""

from dataclasses import dataclass

import numpy as np
import torch

from lofi.models.denoiser import Denoiser
from lofi.models.pyramid import SCALES, multiscale
from lofi.radio.measurement import Measurement
from lofi.solvers.admm import Schedule, admm
from lofi.solvers.conjugate_gradient import per_image
from lofi.solvers.data_terms import Deconvolution
from lofi.solvers.major_cycles import MajorCycles
from lofi.solvers.positivity import positivity_in_cycles, positivity_only

ORDINARY = 20  # peaks from 2^-20 to 2^20 Jy/beam need no other unit in single precision


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """`images` and the `start` of the iterations, float32 (P, H, W), Jy/pixel; `trace` of `lofi.solvers.admm.admm`."""

    images: torch.Tensor
    start: torch.Tensor
    trace: list[dict]


def schedule_of(iterations: int | None) -> Schedule:
    """The schedule of so many iterations, at least 2: five eighths of them, at most 15, anneal. None: the usual one."""
    if iterations is None:
        return Schedule()
    part = iterations * Schedule.annealing // Schedule.iterations
    return Schedule(iterations=iterations, annealing=min(Schedule.annealing, part))


def data_term(
    measurement: Measurement, device: torch.device | str = "cpu", unit: np.ndarray | float = 1.0
) -> Deconvolution:
    """The data term of P skies in single precision, in units of `unit` (P,) Jy; with major cycles for the w-term."""
    unit = np.broadcast_to(unit, len(measurement.noise))
    dirty = torch.from_numpy((measurement.dirty / unit[:, None, None]).astype(np.float32)).to(device)
    noise, power = measurement.noise / unit, measurement.power / unit**2

    arguments = measurement.psf, dirty, noise, power, measurement.count
    if measurement.exact:
        return Deconvolution(*arguments)

    def normal(images):
        return torch.from_numpy(measurement.normal(images.cpu().numpy()).astype(np.float32)).to(device)

    return MajorCycles(*arguments, normal=normal)


def reconstruct(
    measurement: Measurement,
    denoiser: Denoiser,
    schedule: Schedule,
    seed: int,
    *,
    scales: int = SCALES,
    device: torch.device | str = "cpu",
    truth: torch.Tensor | None = None,
) -> Reconstruction:
    """LoFi-ADMM of P skies, from the image of positivity alone.

    Parameters
    ----------
    denoiser : on the `device`. scales : coarser scales that it also sees (`lofi.models.pyramid`).
    seed : of the random orientations. truth : (P, H, W), Jy/pixel; it only adds `snr` to the trace.

    Raises ValueError where positivity alone leaves nothing to start from.
    """
    unit = _unit(measurement.dirty)
    factor = per_image(torch.from_numpy(unit.astype(np.float32)).to(device))
    term = data_term(measurement, device, unit)
    start = positivity_only(term) if measurement.exact else positivity_in_cycles(term)
    if not (start.amax((-2, -1)) > 0).all():
        raise ValueError(
            "the positive image that fits best is 0 everywhere; the visibilities hold no source, or are not calibrated"
        )
    truth = None if truth is None else truth / factor
    images, trace = admm(term, multiscale(denoiser.denoise, scales), start, schedule, seed, truth)
    for row in trace:
        row["sigma"] *= float(unit[row["image"]])
    return Reconstruction(factor * images, factor * start, trace)


def _unit(dirty: np.ndarray) -> np.ndarray:
    """Jy (P,): 1, or, of an extreme dirty image, the power of 2 above its peak. Squares stay in single precision."""
    _, exponent = np.frexp(np.abs(dirty).max((-2, -1)))
    return np.where(np.abs(exponent) > ORDINARY, np.ldexp(1.0, exponent), 1.0)
