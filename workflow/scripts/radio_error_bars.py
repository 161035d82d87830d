"""Fit and calibrate the error field of a prior for radio images."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from lofi.io.checkpoint import load_denoiser
from lofi.memory import keep_freed_memory
from lofi.models.precision import with_precision
from lofi.radio.coverage import synthesis
from lofi.radio.error_field import save_errors
from lofi.radio.error_training import Sky, fit_errors, skies_of
from lofi.radio.measurement import flat_part, measure
from lofi.radio.operator import VisibilityOperator
from lofi.radio.products import imaging
from lofi.radio.reconstruction import reconstruct, schedule_of
from lofi.radio.telescopes.telescope import telescope
from lofi.seeds import seed, stream
from simulations.images.galaxies.canvas import log_uniform
from simulations.receiver_noise import add_noise, sigma_from_snr
from simulations.textures import texture
from workflow.job import run

KINDS = ((128, 2), (128, 2), (96, 3))  # pixels of a side, and skies of one coverage; they take turns
SMALL, MIDDLE = 120, 160  # coverages; then those of one sky of 256, and of 512 pixels
PIXELS = 500  # of the sources and of the empty part of a sky
PARTS = 4  # of the coverages; each calibrates what was fitted to the others
ITERATIONS = 80  # at most; skies of one coverage wait for the slowest
DECIBEL, USUAL = (15.0, 40.0), (30.0, 0.4)  # signal to noise of the visibilities; the usual one, and how often
CELLS, HOURS, DECLINATIONS = (0.42, 1.0), (0.5, 6.0), (-65.0, 0.0)  # of the largest cell that a coverage allows


def radio_error_bars(*, weights: Path, record: Path, errors_record: Path, coverages: int, name: list) -> None:
    """Fitted to and calibrated on skies of every texture, one coverage for a few of them."""
    keep_freed_memory()
    denoiser, prior = load_denoiser(weights.parent)
    denoiser, _ = with_precision(denoiser, "fast")
    parts = [[] for _ in range(min(PARTS, coverages))]
    for number in tqdm(range(coverages), desc="error bars", unit="coverage", mininterval=5):
        parts[number % len(parts)] += calibration_skies(denoiser, number, name)
    field = fit_errors(parts)
    skies = sum(map(len, parts))
    description = f"error field, fitted and calibrated on {skies} simulated skies of {coverages} coverages of MeerKAT"
    save_errors(errors_record.parent, field, prior, description=description, seed=name)


def calibration_skies(denoiser, number: int, name: list) -> list[Sky]:
    """The skies of one coverage."""
    size, count = KINDS[number % len(KINDS)] if number < SMALL else (256, 1) if number < MIDDLE else (512, 1)
    rng = stream(*name, number)
    x, y = coverage(rng)
    truth = np.stack([texture(size, *name, number, sky)[0] for sky in range(count)])
    noiseless = VisibilityOperator(x, y, (size, size)).forward(truth)
    decibel = [USUAL[0] if rng.random() < USUAL[1] else rng.uniform(*DECIBEL) for _ in range(count)]
    sigma = np.array([sigma_from_snr(each, db) for each, db in zip(noiseless, decibel, strict=True)])
    noisy = np.stack([add_noise(each, s, rng) for each, s in zip(noiseless, sigma, strict=True)])
    measurement = measure([flat_part(x, y, noisy, np.ones(len(x)), (size, size))], (size, size), sigma)
    orientations = seed(*name, number, "orientations") % 2**32
    reconstruction = reconstruct(measurement, denoiser, schedule_of(ITERATIONS), orientations, coarse_first=size > 128)
    return skies_of(reconstruction, imaging(measurement, "briggs"), denoiser, truth, PIXELS, rng)


def coverage(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """x, y (M,) in radians per pixel of MeerKAT, hours about transit of a random source, in random cells."""
    hours, cell = log_uniform(rng, *HOURS), log_uniform(rng, *CELLS)
    dump = 240.0 * max(1, round(hours / 2))
    middle = rng.uniform(-0.5, 0.5)
    times = middle - hours / 2, middle + hours / 2
    uvw = synthesis(telescope("meerkat"), rng.uniform(*DECLINATIONS), times, dump, [1.4e9], min_elevation_deg=0.0)
    turns = np.stack([-uvw.u, uvw.v])
    x, y = np.pi * cell * turns / np.abs(turns).max()
    return x, y


if __name__ == "__main__":
    run(snakemake, radio_error_bars)
