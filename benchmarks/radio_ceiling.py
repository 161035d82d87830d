"""What SNR can an image reach of a sky that holds noise of its own? Of the best estimate, beside a prior's; CSV.

python benchmarks/radio_ceiling.py --sky SKY.fits --coverages UV.npz… [--prior NAME|FOLDER] [--snr-db DB]
                                   [--output FILE.csv]

The image of a telescope, scaled to 0…1 and taken as the truth, holds the noise of that telescope. Nothing but the
visibilities tells of it. The ceiling is the SNR [dB] where the source is known exactly, and the noise as well as a
Gaussian field of its spectrum S(k) can be: its error is `S N / (S + N)` in each Fourier mode, N from the visibilities
in its cell, infinite in empty ones. `rms_source`, `rms_beside`: of the prior's error, in units of the peak;
`rms_ceiling`: that of the ceiling, everywhere. `share_beside`: of the prior's squared error, beside the source.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import binary_dilation, gaussian_filter

from lofi.image_scores import image_scores
from lofi.io.checkpoint import load_denoiser
from lofi.models.precision import with_precision
from lofi.priors.shipped import find
from lofi.radio.coverage import read_coverage
from lofi.radio.operator import VisibilityOperator
from lofi.radio.reconstruction import reconstruct, schedule_of
from simulations.receiver_noise import sigma_from_snr
from workflow.radio_case import RadioCase, read_sky

WINDOW, STEP = 64, 16  # pixels, of the windows that the noise is taken from
LOWEST, RINGS = 2, 24  # of its spectrum: the lowest mode of a window, rings above it


def source_of(sky):
    """Where the source of a sky (N, N) is, bool: the smoothed sky stands out by 4σ within 3 pixels."""
    smooth = gaussian_filter(sky, 2)
    level = np.median(smooth)
    return binary_dilation(smooth > level + 4 * 1.4826 * np.median(np.abs(smooth - level)), iterations=3)


def noise_power(sky, source):
    """`E |F(k)|²` (N, N) of the noise of a sky, F as `np.fft.fft2`: mean of windows beside the source, rings of |k|.

    The lowest modes of a window are left out: they lack what its mean takes.
    """
    taper = np.outer(*[np.hanning(WINDOW + 1)[:-1]] * 2)
    windows, occupied = (
        sliding_window_view(image, (WINDOW, WINDOW))[::STEP, ::STEP].reshape(-1, WINDOW, WINDOW)
        for image in (sky, source)
    )
    empty = windows[~occupied.any(axis=(1, 2))]
    if not len(empty):
        raise SystemExit(f"no window of {WINDOW} pixels lies beside the source, to take the noise from")
    empty = empty - (empty * taper).sum(axis=(1, 2), keepdims=True) / taper.sum()
    power = (np.abs(np.fft.fft2(empty * taper)) ** 2).mean(axis=0) / (taper**2).sum()
    edges = np.linspace(LOWEST / WINDOW, np.sqrt(0.5) + 1e-6, RINGS + 1)
    number, total = (np.histogram(_radius(WINDOW), edges, weights=weights)[0] for weights in (None, power))
    middles = (edges[1:] + edges[:-1]) / 2
    rings = np.interp(_radius(len(sky)), middles[number > 0], np.log(total[number > 0] / number[number > 0]))
    return sky.size * np.exp(rings)


def _radius(side):
    return np.hypot(*np.meshgrid(*[np.fft.fftfreq(side)] * 2))


def least_error(power, x, y, sigma):
    """The expected `Σ |F(k) − estimate|²` of a field of `power` (N, N) seen at x, y (M,) with noise sigma [Jy]."""
    side, visibilities = len(power), np.zeros(power.shape)
    for sign in (1, -1):  # a real image has both
        cells = (np.rint(sign * part / (2 * np.pi) * side).astype(int) % side for part in (y, x))
        np.add.at(visibilities, tuple(cells), 1)
    precision = visibilities / (2 * sigma**2)
    return (power / (1 + power * precision)).sum()


def main():
    """A line for each coverage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sky", required=True, type=Path, metavar="FITS")
    parser.add_argument("--coverages", nargs="+", required=True, type=Path, metavar="NPZ")
    parser.add_argument("--prior", default="radio", metavar="NAME|FOLDER")
    parser.add_argument("--snr-db", type=float, default=30.0)
    parser.add_argument("--output", default="radio_ceiling.csv")
    options = parser.parse_args()
    torch.set_num_threads(1)
    denoiser, _ = with_precision(load_denoiser(find(options.prior, "denoising"))[0], "fast")
    sky = read_sky(options.sky)
    source = source_of(sky)
    power = noise_power(sky, source)
    print(f"source: {source.mean():.3f} of the pixels; noise: {np.sqrt(power.sum()) / sky.size:.5f} of the peak")
    lines = []
    for uv_file in options.coverages:
        x, y = read_coverage(uv_file)
        sigma = sigma_from_snr(VisibilityOperator(x, y, sky.shape).forward(sky), options.snr_db)
        rms = np.sqrt(least_error(power, x, y, sigma)) / sky.size
        case = RadioCase(sky, x, y, options.snr_db, ("benchmark", options.sky.stem, uv_file.stem, 0))
        image = reconstruct(case.measurement(), denoiser, schedule_of(None), 0).images[0].numpy()
        squares = (image - sky) ** 2
        line = {"coverage": uv_file.stem, "ceiling": 10 * np.log10((sky**2).mean() / rms**2)}
        line |= {"snr": image_scores(image, sky)["snr"], "rms_ceiling": rms}
        line |= {"rms_beside": np.sqrt(squares[~source].mean()), "rms_source": np.sqrt(squares[source].mean())}
        lines.append(line | {"share_beside": squares[~source].sum() / squares.sum()})
        print(*(value if isinstance(value, str) else f"{value:.5g}" for value in lines[-1].values()), flush=True)
        pd.DataFrame(lines).to_csv(options.output, index=False)


if __name__ == "__main__":
    main()
