"""Convergence maps drawn from what data and prior leave open: pixels follow the error bars, neighbours the filter."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from tqdm import tqdm

from lofi.lensing.error_features import smooth_plane
from lofi.lensing.error_law import error_at
from lofi.lensing.kaiser_squires import kaiser_squires
from lofi.seeds import stream
from lofi.solvers.wiener import wiener_filter

AT_A_TIME = 1 << 19  # pixels of fields that are filtered together
MOST_BYTES = 1 << 33  # of all samples of a field
# ASSUME: structure that no map shows is stronger here and weaker there: on the N-body boxes 8 and 10 the square of what
# was missed varies by 0.015 over fields of up to 100′, less over larger ones, at all pixel sizes from 0.29′ to 5′.
STRENGTH_STD, STRENGTH_ARCMIN = 0.06, 40.0  # of ln strength, and of its Gaussian correlation


def check_samples(count: int, shape: tuple[int, int] = (1, 1)) -> None:
    """ValueError, one sentence, for a number of samples of fields of `shape` that cannot be."""
    if count < 1:
        raise ValueError(f"--samples is {count}; expected at least 1")
    size = 4 * count * shape[0] * shape[1]
    if size > MOST_BYTES:
        most = MOST_BYTES // (4 * shape[0] * shape[1])
        raise ValueError(f"--samples is {count}, {size / 2**30:.0f} GB of maps; expected at most {most} for this field")


def wiener_errors(
    signal: torch.Tensor, noise_std: torch.Tensor, count: int, name: Sequence[str | int]
) -> Iterator[torch.Tensor]:
    """Gaussian skies less their Wiener maps: `count` periodic fields (H, W), one after another.

    Sky and noise are drawn, and filtered as data are. What the filter misses has the distribution of truth less
    estimate given any data, if sky and noise are Gaussian: a constrained realisation (Hoffman & Ribak 1991).

    Parameters
    ----------
    signal : power per pixel (H, W//2 + 1) of the `rfft2` modes. noise_std : (H, W), of the shear; inf where masked.
    name : of the random streams; number i has the stream `(*name, i)`, whatever `count` is.
    """
    shape = noise_std.shape
    noise, root = noise_std.masked_fill(noise_std.isinf(), 0.0).numpy(), signal.sqrt()
    together = max(1, AT_A_TIME // noise_std.numel())
    for first in range(0, count, together):
        skies, modes = [], []
        for number in range(first, min(first + together, count)):
            white = stream(*name, number).standard_normal((3, *shape), dtype=np.float32)
            skies.append(torch.fft.irfft2(torch.fft.rfft2(torch.from_numpy(white[0])) * root, s=shape))
            shear = noise * (white[1] + 1j * white[2])
            modes.append(torch.from_numpy(kaiser_squires(shear.astype(np.complex64))))
        sky, mode = torch.stack(skies), torch.stack(modes)
        expanded = signal.expand(len(sky), *signal.shape)
        yield from sky - wiener_filter(sky + mode.real, noise_std.expand_as(sky), expanded, mode.imag)


def strengths(
    shape: tuple[int, int], pixel_arcmin: float, count: int, name: Sequence[str | int]
) -> Iterator[torch.Tensor]:
    """Factors (H, W) of errors, of mean square 1, that vary smoothly over a periodic field; parameters as above."""
    smooth = smooth_plane(pixel_arcmin)
    impulse = torch.zeros(shape)
    impulse[0, 0] = 1.0
    width = STRENGTH_ARCMIN / 2**0.5  # the smoothing whose square is the correlation
    factor = STRENGTH_STD / smooth(impulse, width).square().sum().sqrt()
    for number in range(count):
        white = stream(*name, number, "strength").standard_normal(shape, dtype=np.float32)
        yield torch.exp(factor * smooth(torch.from_numpy(white), width) - STRENGTH_STD**2)


def draw_samples(
    kappa: np.ndarray,
    law: tuple[torch.Tensor, torch.Tensor],
    scale: torch.Tensor,
    signal: torch.Tensor,
    noise_std: torch.Tensor,
    pixel_arcmin: float,
    count: int,
    name: Sequence[str | int],
) -> np.ndarray:
    """`count` convergence maps (count, P) of the pixels that have data, each of mean 0.

    The error of a sample is what a Wiener filter misses of a simulated sky (`wiener_errors`), times a strength
    (`strengths`), in units of the filter's own standard deviation: a normal score in each pixel.
    There the sample takes the error that the error bars have at this score (`error_at`): a Gaussian copula.

    Parameters
    ----------
    kappa : the estimate (P,), in the order of the unmasked pixels. law : quantiles (P, 5) and deviation (P,) of errors.
    scale : (P,), the Wiener filter's standard deviation. signal, noise_std : of the periodic field (H, W) around.
    """
    check_samples(count, (len(kappa), 1))
    seen, samples = torch.isfinite(noise_std), np.empty((count, len(kappa)), dtype=np.float32)
    errors = wiener_errors(signal, noise_std, count, name)
    drawn = zip(errors, strengths(noise_std.shape, pixel_arcmin, count, name), strict=True)
    for number, (error, strength) in enumerate(tqdm(drawn, "samples", count, unit="map", delay=5, mininterval=5)):
        scores = strength[seen] * (error[seen] - error[seen].mean()) / scale
        sample = kappa + error_at(scores, *law).numpy()
        samples[number] = sample - sample.mean()
    return samples
