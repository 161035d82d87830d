"""How often does `lofi structure` see what is not there, and what is? Rates at 1 % by kind of region; CSV.

python benchmarks/structure.py [--skies N] [--first N] [--pixels N] [--regions N] [--iterations N] [--output FILE.csv]

Each simulated sky has a coverage of its own and is reconstructed twice. In the first sky regions are `continued`: the
truth there is the smoothest continuation of its surroundings; some of diffuse emission stay `as simulated`. In the
second sky every region has one Gaussian more, whose peak in the restored image is STRENGTH times an error: of the
image, the rms of restored image less truth about the region in the first sky, or the one that the test states there.
Regions are ellipses about a place near the Gaussian's. A region is `smooth` where the test says so: its error is less
than SMOOTH times that of the noise.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from scipy.ndimage import binary_dilation
from tqdm import tqdm

from lofi.io.checkpoint import load_denoiser
from lofi.models.precision import with_precision
from lofi.priors.shipped import find
from lofi.radio.beam import convolve
from lofi.radio.measurement import flat_part, measure
from lofi.radio.operator import VisibilityOperator
from lofi.radio.products import imaging, products
from lofi.radio.reconstruction import reconstruct, schedule_of
from lofi.radio.structure import LEVEL, structure
from lofi.seeds import seed, stream
from lofi.solvers.admm import Schedule
from lofi.solvers.convolution import Convolution
from lofi.solvers.fills import biharmonic
from simulations.images.galaxies.canvas import log_uniform
from simulations.receiver_noise import add_noise, sigma_from_snr
from simulations.textures import texture
from workflow.scripts.radio_error_bars import DECIBEL, USUAL, coverage

NAME = "structure benchmark"
STRENGTH = 5.0  # of the structure's peak in the restored image, local errors
SOURCE = 3.0  # of the denoiser's level: a region whose mean is brighter has diffuse emission
FWHM = (0.5, 2.0)  # of the structure, in beams
AROUND = 5  # pixels about a region, where the local error is taken
EDGE, APART = 12, 8  # pixels
TRIES = 40  # places for each region
SMOOTH = 1.5


@dataclass(frozen=True, eq=False)
class Place:
    """A region (H, W) bool, and the Gaussian of peak 1 that may be there."""

    inside: np.ndarray
    gaussian: np.ndarray


def places(bright, count, beam, rng):
    """At most so many places that do not touch, half of them bright, where there are both."""
    shape, found, taken = bright.shape, [], np.zeros(bright.shape, bool)
    y, x = np.mgrid[: shape[0], : shape[1]]
    for number in range(count):
        width, ratio, angle = log_uniform(rng, *FWHM) * beam, rng.uniform(0.5, 1), rng.uniform(0, np.pi)
        size = np.array([np.hypot(width, beam), np.hypot(width * ratio, beam)]) * rng.uniform(0.8, 1.2)
        for _ in range(TRIES):
            row, column = rng.uniform(EDGE + size[0], np.array(shape) - EDGE - size[0])
            offset = rng.uniform(-0.15, 0.15, 2) * size[1]
            distance = np.hypot(*_turned(x - column - offset[0], y - row - offset[1], angle, size))
            inside = distance < 1
            if inside.sum() > 4 and bright[inside].mean().round() == number % 2 and not (taken & inside).any():
                axes = np.array([width, width * ratio]) / np.sqrt(4 * np.log(2))
                square = np.square(_turned(x - column, y - row, angle, axes)).sum(0)
                found.append(Place(inside, np.exp(-square)))
                taken |= binary_dilation(inside, iterations=APART)
                break
    return found


def _turned(x, y, angle, axes):
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    return np.array([along / axes[0], across / axes[1]])


def continued(truth, inside):
    """The truth with a region that continues its surroundings, within the values that these have."""
    near = binary_dilation(inside, iterations=3)
    values = truth[near & ~inside]
    rows, columns = (slice(max(0, i.min() - 8), i.max() + 9) for i in np.nonzero(near))
    filled = truth.copy()
    patch = biharmonic(truth[rows, columns], ~inside[rows, columns]).clip(values.min(), values.max())
    filled[rows, columns] = np.where(inside[rows, columns], patch, truth[rows, columns])
    return filled


def judged(truth, measured, sigma, denoiser, iterations, name):
    """`Products` of a sky through the operator `measured`, and a function that tests a region of them."""
    noisy = add_noise(measured.forward(truth), sigma, stream(*name, "noise"))
    measurement = measurement_of(measured, noisy, sigma, truth.shape)
    if iterations == 0:
        models = truth[None]
    else:
        result = reconstruct(measurement, denoiser, schedule_of(iterations), seed(*name) % 2**32, coarse_first=True)
        models = result.images.numpy().astype(np.float64)
    imaged = imaging(measurement, "briggs")
    (residuals,), chi2 = measurement.residual(models, imaged.weighting)
    (published,) = products(measurement, imaged, models, residuals, chi2)

    def test(inside):
        return structure(published.image, published.psf, published.noise, inside, published.beam)

    return published, test


def measurement_of(measured, visibilities, sigma, shape):
    """The `Measurement` of visibilities with the noise sigma."""
    part = flat_part(measured.x, measured.y, visibilities[None], np.ones(len(measured.x)), shape)
    return measure([part], shape, np.array([sigma]))


def lines(number, pixels, regions, iterations, denoiser):
    """A line for each region of a sky."""
    rng = stream(NAME, pixels, number)
    decibel = USUAL[0] if rng.random() < USUAL[1] else rng.uniform(*DECIBEL)
    truth, kind = texture(pixels, NAME, pixels, number)
    measured = VisibilityOperator(*coverage(rng), truth.shape)
    visibilities = measured.forward(truth)
    sigma = sigma_from_snr(visibilities, decibel)
    measurement = measurement_of(measured, visibilities, sigma, truth.shape)
    beam = imaging(measurement, "briggs").beam
    level = Schedule.last * measurement.noise[0] / np.sqrt(float(Convolution(measurement.psf).norm))
    found, table = places(truth > SOURCE * level, regions, (beam.bmaj * beam.bmin) ** 0.5, rng), []
    for place in found:
        bright = truth[place.inside].mean() > SOURCE * level
        kept = bright and rng.random() < 0.5
        row = {"sky": number, "texture": kind, "region": "diffuse" if bright else "empty"}
        table.append(row | {"truth": "as simulated" if kept else "continued"})
        truth = truth if kept else continued(truth, place.inside)
    published, test = judged(truth, measured, sigma, denoiser, iterations, (NAME, pixels, number, "without"))
    error, more = published.image - convolve(truth, published.beam), truth.copy()
    for place, row in zip(found, table, strict=True):
        without = test(place.inside)
        near = binary_dilation(place.inside, iterations=AROUND)
        errors = {"image": np.sqrt(np.mean(error[near] ** 2)), "test": without.error}
        row["unit"] = str(rng.choice(list(errors)))
        peak = STRENGTH * errors[row["unit"]]
        more += peak / convolve(place.gaussian, published.beam).max() * place.gaussian
        row |= {"noise": published.noise, **{f"{name} error": value for name, value in errors.items()}}
        row |= {"p without": without.p, "widened": without.error / without.noise}
    _, test = judged(more, measured, sigma, denoiser, iterations, (NAME, pixels, number, "with"))
    return [row | {"p with": test(place.inside).p} for place, row in zip(found, table, strict=True)]


def rates(table):
    """False alarms and power at 1 %, by kind of region and by whether the test finds its surroundings smooth."""
    table = table.assign(alarm=table["p without"] < LEVEL, seen=table["p with"] < LEVEL, cases=1)
    smooth = table["widened"].lt(SMOOTH).map({True: "smooth", False: "not"})
    alarms = table.groupby(["region", "truth", smooth]).agg({"cases": "sum", "alarm": ["sum", "mean"]})
    power = table.groupby(["region", "unit", smooth]).agg({"cases": "sum", "seen": ["sum", "mean"]})
    return alarms, power


def main():
    """All skies, then the rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skies", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first sky")
    parser.add_argument("--pixels", type=int, default=128)
    parser.add_argument("--regions", type=int, default=14, help="of a sky, at most")
    parser.add_argument("--iterations", type=int, help="of the reconstructions; 0: the truth is the model")
    parser.add_argument("--prior", default="radio", metavar="NAME|FOLDER")
    parser.add_argument("--output", default="structure.csv")
    options = parser.parse_args()
    torch.set_num_threads(1)
    denoiser, _ = load_denoiser(find(options.prior, "denoising"))
    denoiser, _ = with_precision(denoiser, "fast")
    rows = []
    for number in tqdm(range(options.first, options.first + options.skies), unit="sky", mininterval=10):
        rows += lines(number, options.pixels, options.regions, options.iterations, denoiser)
        pd.DataFrame(rows).to_csv(options.output, index=False, float_format="%.4g")
    for part in rates(pd.DataFrame(rows)):
        print(part.round(3).to_string())


if __name__ == "__main__":
    main()
