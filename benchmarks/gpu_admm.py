"""LoFi-ADMM on a GPU with the prior that ships: does it agree with a processor, and what does it cost against size?"""

import time

import torch
from gpu_device import difference, measured, products, wait
from gpu_precision import skies

from lofi.io.checkpoint import load_denoiser
from lofi.models.pyramid import multiscale
from lofi.priors.shipped import find
from lofi.solvers.admm import Schedule, admm
from lofi.solvers.data_terms import Deconvolution
from lofi.solvers.positivity import positivity_only

SNR_DB = 30  # of the visibilities
COVERAGE = 0.2  # cycles per pixel; density of the samples falls with frequency as a Gaussian of this width


def imaging(device, sizes, iterations, compared):
    """Differences between processor and device at `compared` pixels after some `iterations`; seconds, memory and SNR of
    each of `sizes` until convergence."""
    schedule = Schedule(iterations=iterations, annealing=iterations, tolerance=0)
    expected, _ = image_of(compared, schedule, torch.device("cpu"))
    result = {"difference": {}}
    for mode in ("float32", "tf32"):
        with products(mode == "tf32"):
            result["difference"][mode] = difference(image_of(compared, schedule, device)[0], expected)
    with products(True):
        for size in sizes:
            result[str(size)] = measured(device, lambda s=size: image_of(s, Schedule(), device)[1])
    return result


def image_of(size, schedule, device):
    """An image (1, size, size) of a sky, and how long it took from the start with positivity alone."""
    term, truth = observed(size, device)
    denoiser, _ = load_denoiser(find(None, "denoising"))
    prior = multiscale(denoiser.to(device).denoise)
    start = positivity_only(term, 50)
    wait(device)
    clock = time.perf_counter()
    image, trace = admm(term, prior, start, schedule, 0)
    wait(device)
    seconds = time.perf_counter() - clock
    row = {"seconds": seconds, "iterations": trace[-1]["iteration"]}
    return image, row | {"snr_db": _snr(image, truth), "positivity_snr_db": _snr(start, truth)}


def _snr(image, truth):
    return float(20 * torch.log10(truth.norm() / (image - truth).norm()))


def observed(size, device):
    """The data term of a sky (1, size, size) whose frequencies, on the grid of twice the size, are seen in part."""
    truth, side = skies(1, size, 3), 2 * size
    generator = torch.Generator().manual_seed(4)
    k = torch.fft.fftfreq(side)
    density = torch.exp(-(k[:, None] ** 2 + k**2) / COVERAGE**2)
    seen = torch.rand(side, side, generator=generator) < 0.5 * density
    seen |= seen.flip(0, 1).roll((1, 1), (0, 1))  # with a frequency its opposite, so that images are real
    count = float(seen.sum())
    sky = torch.fft.fft2(truth[0], s=(side, side))
    noise = float(sky[seen].abs().square().mean().sqrt()) / 10 ** (SNR_DB / 20)
    white = torch.fft.fft2(torch.randn(side, side, generator=generator)) / side  # of variance 1, of a real image
    visibilities = torch.where(seen, sky + noise * white, 0)
    scale = side**2 / count  # so that the PSF's peak is 1
    psf, dirty = (scale * torch.fft.ifft2(values).real for values in (seen.float(), visibilities))
    power = float(visibilities.abs().square().sum() / count)
    term = Deconvolution(
        psf.roll((size, size), (0, 1)),
        dirty[None, :size, :size].to(device),
        [noise / count**0.5],
        [power],
        int(count / 2),
    )
    return term, truth.to(device)
